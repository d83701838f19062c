/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "paths.h"

#include <err.h>
#include <inttypes.h>

#include "cputime.h"
#include "decorate.h"
#include "dedupe.h"
#include "expire.h"
#include "flows.h"

#define N_SLOTS	 (PATHS_FLOWS * PATHS_PER_FLOW)
#define ROUND_NS (100 * CLOCK_SECOND_NS) /* by then, flows begin anew */
#define PROGRAM	 "flowexport"

enum chain { OFF, MERGE, N_CHAINS };

struct paths {
	struct encoder *encoder;
	struct table *table;
	struct iftable *iftable;
	struct meter meter;
	struct stats stats;
	struct decorate *decorate;
	struct dedupe *dedupe;
	struct expire *expire[N_CHAINS];
	struct instant now;
	struct flows_sum first; /* at first observation paths, in all rounds */
	struct flows_sum put[N_CHAINS], got[N_CHAINS];
	enum chain running;
};

static void
flush(void *to)
{
	struct paths *paths = to;
	struct message message;

	while (encode_ipfix.take(paths->encoder, paths->now.wall_ns, &message))
		paths->got[paths->running].records += message.tally.records;
}

static void
push(void *to, struct record *record)
{
	struct paths *paths = to;

	if (!encode_ipfix.add(paths->encoder, record)) {
		flush(paths);
		encode_ipfix.add(paths->encoder, record);
	}
	paths->got[paths->running].packets += record->value.packets;
}

/* Half of them saw it coming in, then half of them going out. */
static struct flow_packet
make_packet(const struct paths *paths, uint32_t flow, uint32_t point)
{
	struct flow_packet packet = flows_packet(flow);
	uint64_t later_ns = paths->now.boot_ns - flows_now.boot_ns;

	packet.key.if_index = 1 + point;
	packet.key.direction =
		point < PATHS_PER_FLOW / 2 ? FLOW_INGRESS : FLOW_EGRESS;
	packet.value.last += later_ns / paths->now.tick_ns;
	packet.value.origin.first_ns += later_ns + 1000 * point;
	packet.value.origin.from_if_index =
		packet.key.direction ? PATHS_PER_FLOW / 2 : 0;
	return packet;
}

static void
fill(struct paths *paths, struct flows_sum *put)
{
	for (uint32_t i = 0; i < N_SLOTS; i++) {
		uint32_t point = i % PATHS_PER_FLOW;
		struct flow_packet packet =
			make_packet(paths, i / PATHS_PER_FLOW, point);
		__u64 created = 0;

		if (!flowtable_account_all(paths->table, &packet, 1, &created))
			errx(1, "no room for a flow");
		put->records += created;
		put->packets += packet.value.packets;
		if (point == 0 && put == &paths->put[MERGE]) {
			paths->first.records++;
			paths->first.packets += packet.value.packets;
		}
	}
}

/* CPU nanoseconds a flow. */
static double
drain(struct paths *paths, enum chain chain)
{
	struct expire *expire = paths->expire[chain];
	enum expire_state state;
	double begin;

	paths->running = chain;
	paths->now.boot_ns += ROUND_NS;
	paths->now.wall_ns += ROUND_NS;
	paths->now.tick += ROUND_NS / paths->now.tick_ns;
	fill(paths, &paths->put[chain]);
	begin = cputime_ns();
	expire_begin(expire, EXPIRE_DRAIN);
	do {
		state = expire_step(expire, &paths->now);
		if (state == EXPIRE_WAITING)
			expire_grace_over(expire);
	} while (state != EXPIRE_RESTING);
	return (cputime_ns() - begin) / PATHS_FLOWS;
}

void
paths_round(struct paths *paths, struct report *report)
{
	double off = drain(paths, OFF);
	double merge = drain(paths, MERGE);

	report_add(report, "points-off", PROGRAM, "ns", off);
	report_add(report, "points-merge", PROGRAM, "ns", merge);
	report_add(report, "points-ratio", PROGRAM, "", merge / off);
}

struct paths *
paths_new(struct encoder *encoder)
{
	static const struct expire_timeouts timeouts = {
		.idle_ns = 15 * CLOCK_SECOND_NS,
		.active_ns = 60 * CLOCK_SECOND_NS,
	};
	struct paths *paths = g_new0(struct paths, 1);
	struct sink sink = { push, flush, paths };
	struct dedupe_args args = {
		.mode = DEDUPE_MERGE,
		.expire_ns = 30 * CLOCK_SECOND_NS,
		.active_ns = timeouts.active_ns,
		.flows_max = N_SLOTS,
		.held_max = N_SLOTS,
		.stats = &paths->stats,
		.now_ns = clock_boot_ns,
	};

	paths->encoder = encoder;
	paths->now = flows_now;
	paths->table = flowtable_new(2 * N_SLOTS, false);
	args.iftable = paths->iftable = iftable_new();
	for (uint32_t i = 1; i <= PATHS_PER_FLOW; i++)
		iftable_add(paths->iftable, i, 0);
	paths->decorate = decorate_new(paths->iftable, &paths->meter, &sink);
	args.sink = sink = decorate_sink(paths->decorate);
	paths->dedupe = dedupe_new(&args);
	paths->expire[OFF] =
		expire_new(paths->table, &timeouts, &sink, &paths->stats);
	sink = dedupe_sink(paths->dedupe);
	paths->expire[MERGE] =
		expire_new(paths->table, &timeouts, &sink, &paths->stats);
	return paths;
}

void
paths_free(struct paths *paths)
{
	for (int chain = 0; chain < N_CHAINS; chain++)
		expire_free(paths->expire[chain]);
	dedupe_free(paths->dedupe);
	decorate_free(paths->decorate);
	iftable_free(paths->iftable);
	flowtable_free(paths->table);
	g_free(paths);
}

static bool
is_same(const char *chain, const struct flows_sum *expected,
	const struct flows_sum *got)
{
	if (expected->records == got->records &&
	    expected->packets == got->packets)
		return true;
	warnx("%s: %" PRIu64 " records with %" PRIu64
	      " packets came of %" PRIu64 " with %" PRIu64,
	      chain, got->records, got->packets, expected->records,
	      expected->packets);
	return false;
}

bool
paths_check(const struct paths *paths)
{
	bool off = is_same("points-off", &paths->put[OFF], &paths->got[OFF]);

	return is_same("points-merge", &paths->first, &paths->got[MERGE]) &&
	       off;
}
