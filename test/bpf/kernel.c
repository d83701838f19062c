/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loader, with the programs that it keeps to itself. */
#include "../../src/probe.c"

#include <stdio.h>

#include "../tap.h"
#include "kernel.h"

int
kernel_main(int argc, char **argv, void (*add)(void))
{
	if (geteuid() != 0) {
		puts("1..0 # SKIP needs root");
		return 0;
	}
	return tap_main(argc, argv, add);
}

struct probe *
kernel_new(uint32_t max, bool precise)
{
	g_autoptr(GError) error = NULL;
	const struct probe_args args = {
		.max = max,
		.precise = precise,
		.extremes = true,
		.tcp_end = true,
	};
	struct probe *probe = probe_new(&args, &error);

	g_assert_no_error(error);
	return probe;
}

static const struct bpf_program *
program_for(const struct probe *probe, enum flow_direction direction,
	    const struct packet *packet)
{
	return probe->object.program[direction][packet->protocol != 0];
}

void
kernel_run(struct probe *probe, enum flow_direction direction,
	   const uint8_t *data, const struct packet *packet, int repeat)
{
	const struct bpf_program *program =
		program_for(probe, direction, packet);
	struct __sk_buff skb = {
		.ingress_ifindex = KERNEL_FROM_IF_INDEX,
		.gso_size = packet->gso_size,
		.gso_segs = packet->gso_segs,
	};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data,
		    .data_size_in = packet->len, .ctx_in = &skb,
		    .ctx_size_in = sizeof(skb), .repeat = repeat);
	int result = bpf_prog_test_run_opts(bpf_program__fd(program), &options);

	g_assert_cmpint(result, ==, 0);
	g_assert_cmpint((int)options.retval, ==, -1); /* TC_ACT_UNSPEC */
}

struct flow_counters
kernel_counted(struct probe *probe, const struct flow_counters *before)
{
	struct flow_counters now;

	probe_counters(probe, &now);
#define X(name, help) now.name -= before->name;
	FLOW_COUNTERS(X)
#undef X
	return now;
}

uint32_t
kernel_n_live(const struct table *table)
{
	uint32_t n = 0;

	for (uint32_t slot = 0; slot < flowtable_n_slots(table); slot++)
		n += flowtable_is_live(table, slot);
	return n;
}

void
kernel_clear(struct table *table)
{
	for (uint32_t slot = 0; slot < flowtable_n_slots(table); slot++)
		flowtable_release(table, slot);
}

void
kernel_read(const struct table *table, uint32_t slot, struct flow_key *key,
	    struct flow_value *value)
{
	struct flow_packet flow;

	flowtable_read(table, slot, &flow.key, &flow.value);
	*key = flow.key;
	*value = flow.value;
}

void
kernel_read_only(const struct table *table, struct flow_key *key,
		 struct flow_value *value)
{
	uint32_t slot = 0;

	g_assert_cmpuint(kernel_n_live(table), ==, 1);
	while (!flowtable_is_live(table, slot))
		slot++;
	kernel_read(table, slot, key, value);
}
