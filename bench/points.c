/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "points.h"

#include <err.h>
#include <inttypes.h>

#include "cputime.h"
#include "decorate.h"
#include "dedupe.h"
#include "expire.h"
#include "flows.h"

#define N_SLOTS	 (POINTS_FLOWS * POINTS_PER_FLOW)
#define ROUND_NS (100 * CLOCK_SECOND_NS) /* by then, flows begin anew */
#define PROGRAM	 "flowexport"

enum chain { OFF, MERGE, N_CHAINS };

struct points {
	struct encoder *encoder;
	struct table *table;
	struct iftable *iftable;
	struct meter meter;
	struct stats stats;
	struct decorate *decorate;
	struct dedupe *dedupe;
	struct expire *expire[N_CHAINS];
	struct instant now;
	struct flows_sum first; /* at first observation points, in all rounds */
	struct flows_sum put[N_CHAINS], got[N_CHAINS];
	enum chain running;
};

static void
flush(void *to)
{
	struct points *points = to;
	struct message message;

	while (encode_ipfix.take(points->encoder, points->now.wall_ns,
				 &message))
		points->got[points->running].records += message.tally.records;
}

static void
push(void *to, struct record *record)
{
	struct points *points = to;

	if (!encode_ipfix.add(points->encoder, record)) {
		flush(points);
		encode_ipfix.add(points->encoder, record);
	}
	points->got[points->running].packets += record->value.packets;
}

/* Half of them saw it coming in, then half of them going out. */
static struct flow_packet
make_packet(const struct points *points, uint32_t flow, uint32_t point)
{
	struct flow_packet packet = flows_packet(flow);
	uint64_t later_ns = points->now.boot_ns - flows_now.boot_ns;

	packet.key.if_index = 1 + point;
	packet.key.direction =
		point < POINTS_PER_FLOW / 2 ? FLOW_INGRESS : FLOW_EGRESS;
	packet.value.last += later_ns / points->now.tick_ns;
	packet.value.origin.first_ns += later_ns + 1000 * point;
	packet.value.origin.from_if_index =
		packet.key.direction ? POINTS_PER_FLOW / 2 : 0;
	return packet;
}

static void
fill(struct points *points, struct flows_sum *put)
{
	for (uint32_t i = 0; i < N_SLOTS; i++) {
		uint32_t point = i % POINTS_PER_FLOW;
		struct flow_packet packet =
			make_packet(points, i / POINTS_PER_FLOW, point);
		__u64 created = 0;

		if (!flowtable_account_all(points->table, &packet, 1, &created))
			errx(1, "no room for a flow");
		put->records += created;
		put->packets += packet.value.packets;
		if (point == 0 && put == &points->put[MERGE]) {
			points->first.records++;
			points->first.packets += packet.value.packets;
		}
	}
}

/* CPU nanoseconds a flow. */
static double
drain(struct points *points, enum chain chain)
{
	struct expire *expire = points->expire[chain];
	enum expire_state state;
	double begin;

	points->running = chain;
	points->now.boot_ns += ROUND_NS;
	points->now.wall_ns += ROUND_NS;
	points->now.tick += ROUND_NS / points->now.tick_ns;
	fill(points, &points->put[chain]);
	begin = cputime_ns();
	expire_begin(expire, EXPIRE_DRAIN);
	do {
		state = expire_step(expire, &points->now);
		if (state == EXPIRE_WAITING)
			expire_grace_over(expire);
	} while (state != EXPIRE_RESTING);
	return (cputime_ns() - begin) / POINTS_FLOWS;
}

void
points_round(struct points *points, struct report *report)
{
	double off = drain(points, OFF);
	double merge = drain(points, MERGE);

	report_add(report, "points-off", PROGRAM, "ns", off);
	report_add(report, "points-merge", PROGRAM, "ns", merge);
	report_add(report, "points-ratio", PROGRAM, "", merge / off);
}

struct points *
points_new(struct encoder *encoder)
{
	static const struct expire_timeouts timeouts = {
		.idle_ns = 15 * CLOCK_SECOND_NS,
		.active_ns = 60 * CLOCK_SECOND_NS,
	};
	struct points *points = g_new0(struct points, 1);
	struct sink sink = { push, flush, points };
	struct dedupe_args args = {
		.mode = DEDUPE_MERGE,
		.expire_ns = 30 * CLOCK_SECOND_NS,
		.active_ns = timeouts.active_ns,
		.flows_max = N_SLOTS,
		.held_max = N_SLOTS,
		.stats = &points->stats,
	};

	points->encoder = encoder;
	points->now = flows_now;
	points->table = flowtable_new(2 * N_SLOTS, false);
	args.iftable = points->iftable = iftable_new();
	for (uint32_t i = 1; i <= POINTS_PER_FLOW; i++)
		iftable_add(points->iftable, i, 0);
	points->decorate = decorate_new(points->iftable, &points->meter, &sink);
	args.sink = sink = decorate_sink(points->decorate);
	points->dedupe = dedupe_new(&args);
	points->expire[OFF] =
		expire_new(points->table, &timeouts, &sink, &points->stats);
	sink = dedupe_sink(points->dedupe);
	points->expire[MERGE] =
		expire_new(points->table, &timeouts, &sink, &points->stats);
	return points;
}

void
points_free(struct points *points)
{
	for (int chain = 0; chain < N_CHAINS; chain++)
		expire_free(points->expire[chain]);
	dedupe_free(points->dedupe);
	decorate_free(points->decorate);
	iftable_free(points->iftable);
	flowtable_free(points->table);
	g_free(points);
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
points_check(const struct points *points)
{
	bool off = is_same("points-off", &points->put[OFF], &points->got[OFF]);

	return is_same("points-merge", &points->first, &points->got[MERGE]) &&
	       off;
}
