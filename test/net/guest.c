/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest.c - another's TCX programs on an interface, which count.
 *
 * guest DEVICE [end]: attaches behind what is there, says "ready", and when it
 * is told to stop, how many packets it saw come in and go out.  With "end" no
 * program behind it sees any.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kernel 6.6: the headers that we build with are older. */
enum { TCX_INGRESS = 46, TCX_EGRESS = 47 };

enum { TCX_NEXT = -1, TCX_PASS = 0 };

static uint32_t zero;

static int
check(int result, const char *what)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "guest: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Adds one to the number at OFFSET in the map, and returns RESULT. */
static int
load(int map, int offset, int result)
{
	const struct bpf_insn program[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_VALUE,
		  .imm = map },
		{ .imm = offset },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K,
		  .dst_reg = BPF_REG_2,
		  .imm = 1 },
		{ .code = BPF_STX | BPF_DW | BPF_ATOMIC,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_REG_2,
		  .imm = BPF_ADD },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K,
		  .dst_reg = BPF_REG_0,
		  .imm = result },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return check(bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "guest", "GPL",
				   program, sizeof(program) / sizeof(*program),
				   NULL),
		     "cannot load");
}

static void
attach(int map, int offset, int result, int index, int hook)
{
	check(bpf_link_create(load(map, offset, result), index,
			      (enum bpf_attach_type)hook, NULL),
	      "cannot attach");
}

int
main(int argc, char **argv)
{
	uint64_t counts[2];
	sigset_t stop;
	int map, index, result, told;

	if (argc < 2)
		return 2;
	result = argc > 2 ? TCX_PASS : TCX_NEXT;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	index = if_nametoindex(argv[1]);
	map = check(bpf_map_create(BPF_MAP_TYPE_ARRAY, "guest", sizeof(zero),
				   sizeof(counts), 1, NULL),
		    "cannot make a map");
	attach(map, 0, result, index, TCX_INGRESS);
	attach(map, sizeof(*counts), result, index, TCX_EGRESS);
	puts("ready");
	fflush(stdout);
	sigwait(&stop, &told);
	check(bpf_map_lookup_elem(map, &zero, counts), "cannot count");
	printf("%llu %llu\n", (unsigned long long)counts[0],
	       (unsigned long long)counts[1]);
	return 0;
}
