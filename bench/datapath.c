/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * datapath.c - what a packet costs in the kernel, and a flow in the daemon.
 *
 * The programs whole, by bpf_prog_test_run, less an empty program in the same
 * round: one hot flow, 64 Ki and 1 Mi flows in random order, the first packet
 * of a flow; then a scan of a table of a million flows in which nothing is due,
 * and its harvest in which all are.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "clock.h"
#include "expire.h"
#include "report.h"

#include "datapath.skel.h"

enum {
	ROUNDS = 9,
	REPEAT = 1 << 20,
	MI_FLOWS = 1 << 20,
};

#define PROGRAM "flowexport"

/* The programs with a table for N flows. */
struct bench {
	struct datapath_bpf *skeleton;
	struct table table;
	size_t len[3];
};

static uint8_t frame[60] = {
	[0] = 2,     [5] = 1,	  [6] = 2,     [11] = 2,  [12] = 0x08,
	[14] = 0x45, [17] = 46,	  [22] = 64,   [23] = 6,  [26] = 10,
	[30] = 192,  [33] = 1,	  [34] = 0x30, [35] = 57, [37] = 80,
	[46] = 0x50, [47] = 0x10,
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void *
map(struct bpf_map *map_, size_t *len)
{
	void *memory;

	*len = (size_t)bpf_map__max_entries(map_) * bpf_map__value_size(map_);
	memory = mmap(NULL, *len, PROT_READ | PROT_WRITE, MAP_SHARED,
		      bpf_map__fd(map_), 0);
	if (memory == MAP_FAILED)
		die("mmap");
	return memory;
}

static void
bench_open(struct bench *bench, uint32_t n_flows)
{
	struct datapath_bpf *skeleton = datapath_bpf__open();
	uint32_t n_slots;

	if (!skeleton)
		die("open");
	bench->skeleton = skeleton;
	bench->table.tunables = flowtable_tunables(n_flows, false);
	bench->table.tunables.tcp_end = true;
	n_slots = flowtable_n_slots(&bench->table);
	skeleton->rodata_tunables->tunables = bench->table.tunables;
	skeleton->rodata->flow_mask = n_flows - 1;
	bpf_map__set_max_entries(skeleton->maps.tags, n_slots / FLOW_BUCKET);
	bpf_map__set_max_entries(skeleton->maps.hot, n_slots);
	bpf_map__set_max_entries(skeleton->maps.cold, n_slots);
	if (datapath_bpf__load(skeleton))
		die("load");
	bench->table.buckets = map(skeleton->maps.tags, &bench->len[0]);
	bench->table.hot = map(skeleton->maps.hot, &bench->len[1]);
	bench->table.origins = map(skeleton->maps.cold, &bench->len[2]);
}

static void
bench_close(struct bench *bench)
{
	munmap(bench->table.buckets, bench->len[0]);
	munmap(bench->table.hot, bench->len[1]);
	munmap(bench->table.origins, bench->len[2]);
	datapath_bpf__destroy(bench->skeleton);
}

/* Nanoseconds a run of PROGRAM_ over REPEAT_ packets. */
static double
run(struct bpf_program *program, uint32_t repeat)
{
	struct __sk_buff skb = { .mark = rand() };
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame,
		    .data_size_in = sizeof(frame), .ctx_in = &skb,
		    .ctx_size_in = sizeof(skb), .repeat = repeat);

	if (bpf_prog_test_run_opts(bpf_program__fd(program), &options))
		die("test_run");
	return options.duration;
}

static struct instant
now(uint64_t later_ns)
{
	struct instant now = {
		.boot_ns = clock_boot_ns() + later_ns,
		.wall_ns = clock_wall_ns(),
		.tick_ns = clock_jiffy_ns(),
	};

	now.tick = now.boot_ns / now.tick_ns;
	return now;
}

static void
push(void *to, struct record *record)
{
	*(uint64_t *)to += record->value.packets;
}

static void
flush(void *to)
{
	(void)to;
}

/* Microseconds of a scan. */
static double
scan(struct expire *expire, enum expire_scan how)
{
	struct instant instant = now(0);
	uint64_t begin = clock_boot_ns();

	expire_begin(expire, how);
	for (;;) {
		switch (expire_step(expire, &instant)) {
		case EXPIRE_RESTING:
			return (clock_boot_ns() - begin) / 1000.0;
		case EXPIRE_WAITING: /* nothing runs beside us */
			expire_grace_over(expire);
			break;
		default:
			break;
		}
	}
}

static void
wipe(struct bench *bench)
{
	memset(bench->table.buckets, 0, bench->len[0]);
}

static void
per_packet(struct report *report, struct bench *bench, const char *name)
{
	double empty, full;

	run(bench->skeleton->progs.bench_flow, 8 * REPEAT); /* begin all */
	empty = run(bench->skeleton->progs.bench_empty, REPEAT);
	full = run(bench->skeleton->progs.bench_flow, REPEAT);
	report_add(report, "empty", "empty", "ns", empty);
	report_add(report, name, PROGRAM, "ns", full - empty);
}

static void
insertion(struct report *report, struct bench *bench)
{
	double empty = run(bench->skeleton->progs.bench_empty, MI_FLOWS / 4);
	double full;

	wipe(bench);
	full = run(bench->skeleton->progs.bench_flow, MI_FLOWS / 4);
	report_add(report, "insert", PROGRAM, "ns", full - empty);
}

/* A table of about a million flows: scanned, then harvested. */
static void
drain(struct report *report, struct bench *bench)
{
	/* Jiffies are not ours to read here: nothing is idle for an hour. */
	const struct expire_timeouts timeouts = {
		.idle_ns = UINT32_MAX * clock_jiffy_ns(),
		.active_ns = 3600 * CLOCK_SECOND_NS,
	};
	uint64_t packets = 0;
	struct sink sink = { push, flush, &packets };
	struct stats stats = { 0 };
	struct expire *expire =
		expire_new(&bench->table, &timeouts, &sink, &stats);

	wipe(bench);
	run(bench->skeleton->progs.bench_flow, 8 * MI_FLOWS);
	scan(expire, EXPIRE_DUE);
	report_add(report, "scan1m", PROGRAM, "us", scan(expire, EXPIRE_DUE));
	report_add(report, "harvest1m", PROGRAM, "us",
		   scan(expire, EXPIRE_DRAIN));
	report_add(report, "flows1m", PROGRAM, "flows", stats.records_made);
	if (packets < 8 * MI_FLOWS * 0.99)
		fprintf(stderr, "harvest: packets are missing\n");
	expire_free(expire);
}

int
main(int argc, char **argv)
{
	const char *file = argc > 1 ? argv[1] : "datapath.json";
	static struct bench hot, medium, large;
	struct report *report = report_new();
	GError *error = NULL;

	bench_open(&hot, 1);
	bench_open(&medium, 1 << 16);
	bench_open(&large, MI_FLOWS);
	for (int round = 0; round <= ROUNDS; round++) {
		per_packet(report, &hot, "hot1");
		per_packet(report, &medium, "random64k");
		per_packet(report, &large, "random1m");
		insertion(report, &large);
		drain(report, &large);
		if (round == 0) { /* warm now: begin */
			report_free(report);
			report = report_new();
		}
	}
	if (!report_write(report, file, &error))
		fprintf(stderr, "%s\n", error->message);
	report_free(report);
	bench_close(&hot);
	bench_close(&medium);
	bench_close(&large);
	return error ? 1 : 0;
}
