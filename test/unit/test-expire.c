/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The expire stage: timeouts, reports, grace periods.
 */
#include "../expirer.h"
#include "../tap.h"
#include "expire_survey.h"

#define SECOND CLOCK_SECOND_NS
#define MS     1000000ULL

enum { TICK_NS = EXPIRER_TICK_NS };

static void
test_idle(void)
{
	struct expirer *f = expirer_new(1024);
	struct record *record;

	expirer_packet(f, 1, 100, 0x02);
	expirer_set_time(f, 1003 * SECOND);
	expirer_packet(f, 1, 50, 0x18);
	expirer_set_time(f, 1017 * SECOND);
	g_assert_cmpuint(expirer_scan(f, EXPIRE_DUE), ==, 0);
	g_assert_cmpuint(f->records->len, ==, 0);
	g_assert_cmpuint(f->stats.flows_active, ==, 1);
	expirer_set_time(f, 1018 * SECOND + 1 * MS);
	g_assert_cmpuint(expirer_scan(f, EXPIRE_DUE), ==, 1);
	record = expirer_record(f, 0);
	g_assert_cmpuint(record->end_reason, ==, END_IDLE);
	g_assert_cmpuint(record->value.packets, ==, 2);
	g_assert_cmpuint(record->value.octets, ==, 150);
	g_assert_cmphex(record->value.tcp_flags, ==, 0x1a);
	g_assert_cmpuint(record->key.marks, ==, 0);
	g_assert_cmpuint(record->start_ns, ==, 1700001000 * SECOND);
	g_assert_cmpuint(record->end_ns, <, 1700001003 * SECOND + TICK_NS);
	g_assert_cmpuint(record->end_ns, >, 1700001003 * SECOND - TICK_NS);
	g_assert_cmpuint(f->stats.flows_ended_idle, ==, 1);
	g_assert_cmpuint(f->stats.flows_active, ==, 0);
	g_assert_cmpuint(f->stats.packets_recorded, ==, 2);
	g_assert_cmpuint(f->stats.octets_recorded, ==, 150);
	/* the slot is free: nothing more to tell */
	expirer_scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(f->records->len, ==, 1);
	expirer_free(f);
}

/* Other timeouts are those of the next scan, of flows that are there too. */
static void
test_set(void)
{
	struct expire_timeouts timeouts = { 5 * SECOND, 20 * SECOND,
					    2 * SECOND };
	struct expirer *f = expirer_new(1024);

	expirer_packet(f, 1, 100, 0x10);
	expirer_set_time(f, 1006 * SECOND);
	expirer_packet(f, 2, 100, 0x10);
	expirer_scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 0);
	expire_set(f->expire, &timeouts);
	expirer_scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 1);
	g_assert_cmpuint(expirer_record(f, 0)->end_reason, ==, END_IDLE);
	timeouts.idle_ns = 60 * SECOND;
	expire_set(f->expire, &timeouts);
	expirer_set_time(f, 1025 * SECOND);
	expirer_scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 1);
	expirer_set_time(f, 1027 * SECOND);
	expirer_scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 2);
	g_assert_cmpuint(expirer_record(f, 1)->end_reason, ==, END_ACTIVE);
	expirer_free(f);
}

/* A flow that goes on is told in differences, whose sum is the flow. */
static void
test_active(void)
{
	struct expirer *f = expirer_new(1024);
	struct record *record;

	for (int s = 0; s < 150; s++) {
		expirer_set_time(f, (1000 + s) * SECOND);
		expirer_packet(f, 1, 100 + s, 0x10);
		expirer_scan(f, EXPIRE_DUE);
	}
	g_assert_cmpuint(f->records->len, ==, 2);
	record = expirer_record(f, 0);
	g_assert_cmpuint(record->end_reason, ==, END_ACTIVE);
	g_assert_cmpuint(record->value.packets, ==, 61);
	g_assert_cmpuint(record->start_ns, ==, 1700001000 * SECOND);
	record = expirer_record(f, 1);
	g_assert_cmpuint(record->value.packets, ==, 60);
	g_assert_cmpuint(record->start_ns, ==, 1700001060 * SECOND);
	g_assert_cmpuint(record->end_ns, >, 1700001120 * SECOND - TICK_NS);
	expirer_scan(f, EXPIRE_DRAIN);
	record = expirer_record(f, 2);
	g_assert_cmpuint(record->end_reason, ==, END_FORCED);
	g_assert_cmpuint(record->value.packets, ==, 29);
	g_assert_cmpuint(f->stats.packets_recorded, ==, 150);
	g_assert_cmpuint(f->stats.octets_recorded, ==,
			 150 * 100 + 149 * 150 / 2);
	g_assert_cmpuint(f->stats.flows_ended_active, ==, 2);
	expirer_free(f);
}

/* Reported to the last packet, then quiet: it ends, and there is no record of
 * no packets. */
static void
test_nothing_new(void)
{
	struct expirer *f = expirer_new(1024);

	expirer_packet(f, 1, 100, 0);
	expirer_scan(f, EXPIRE_REPORT);
	g_assert_cmpuint(expirer_record(f, 0)->end_reason, ==, END_FORCED);
	expirer_scan(f, EXPIRE_REPORT);
	expirer_set_time(f, 1016 * SECOND);
	expirer_scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 1);
	g_assert_cmpuint(f->stats.flows_ended_idle, ==, 1);
	g_assert_cmpuint(f->stats.flows_ended_forced, ==, 0);
	g_assert_cmpuint(f->stats.flows_active, ==, 0);
	expirer_free(f);
}

/* What comes while the slot is CLOSING opens a flow of its own. */
static void
test_packet_while_closing(void)
{
	struct expirer *f = expirer_new(1024);

	expirer_packet(f, 1, 100, 0);
	expirer_set_time(f, 1016 * SECOND);
	expire_begin(f->expire, EXPIRE_DUE);
	g_assert_cmpint(expire_step(f->expire, &f->now), ==, EXPIRE_WAITING);
	expirer_packet(f, 1, 7, 0);
	expire_grace_over(f->expire);
	while (expire_step(f->expire, &f->now) != EXPIRE_RESTING)
		;
	g_assert_cmpuint(f->records->len, ==, 1);
	g_assert_cmpuint(expirer_record(f, 0)->value.octets, ==, 100);
	expirer_scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(expirer_record(f, 1)->value.octets, ==, 7);
	g_assert_cmpuint(expirer_record(f, 1)->start_ns, ==,
			 1700001016 * SECOND);
	expirer_free(f);
}

/* Asked to drain in the middle of a scan: it follows, and nothing is left. */
static void
test_drain_while_waiting(void)
{
	struct expirer *f = expirer_new(1024);
	enum expire_state state;

	expirer_packet(f, 1, 1, 0);
	expirer_set_time(f, 1016 * SECOND);
	expirer_packet(f, 2, 1, 0);
	expire_begin(f->expire, EXPIRE_DUE);
	g_assert_cmpint(expire_step(f->expire, &f->now), ==, EXPIRE_WAITING);
	expire_begin(f->expire, EXPIRE_DRAIN);
	expire_begin(f->expire, EXPIRE_REPORT);
	do {
		if (expire_step(f->expire, &f->now) == EXPIRE_WAITING)
			expire_grace_over(f->expire);
		state = expire_step(f->expire, &f->now);
	} while (state != EXPIRE_RESTING);
	g_assert_cmpuint(f->records->len, ==, 2);
	g_assert_cmpuint(f->stats.flows_ended_idle, ==, 1);
	g_assert_cmpuint(f->stats.flows_ended_forced, ==, 1);
	expirer_free(f);
}

/* More endings than are harvested at once, more slots than a step visits. */
static void
test_many(void)
{
	enum { N = 100000 };
	struct expirer *f = expirer_new(2 * N); /* room for every one */
	g_autofree guint8 *seen = g_new0(guint8, N);

	for (uint32_t flow = 0; flow < N; flow++)
		expirer_packet(f, flow, 40, 0);
	expirer_scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->stats.flows_active, ==, N);
	expirer_set_time(f, 1020 * SECOND);
	g_assert_cmpuint(expirer_scan(f, EXPIRE_DUE), >, 1);
	g_assert_cmpuint(f->records->len, ==, N);
	g_assert_cmpuint(f->stats.flows_active, ==, 0);
	for (guint i = 0; i < N; i++) {
		struct flow_key *key = &expirer_record(f, i)->key;

		seen[key->src_port | key->dst_port << 16]++;
	}
	for (guint i = 0; i < N; i++)
		g_assert_cmpuint(seen[i], ==, 1);
	g_assert_cmpuint(f->n_flushes, ==, 2);
	expirer_free(f);
}

/* Stamped after the clock was read: young, not 73 minutes old. */
static void
test_packet_of_the_future(void)
{
	struct expirer *f = expirer_new(1024);

	expirer_set_time(f, 1000 * SECOND + 20 * MS);
	expirer_packet(f, 1, 40, 0);
	expirer_set_time(f, 1000 * SECOND);
	expirer_scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 0);
	expirer_scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(expirer_record(f, 0)->start_ns, <=,
			 expirer_record(f, 0)->end_ns);
	expirer_free(f);
}

static void
add_up(const struct record *record, void *to)
{
	uint64_t *sums = to;

	sums[0]++;
	sums[1] += record->value.octets;
	sums[2] += record->total_octets;
}

static void
check_survey(const struct expirer *f, uint64_t flows, uint64_t octets,
	     uint64_t total)
{
	const struct expire_view view = expire_look(f->expire);
	uint64_t sums[3] = { 0 };

	for (uint32_t i = 0; i < flowtable_n_buckets(view.table); i++)
		expire_survey(&view, i, &f->now, add_up, sums);
	g_assert_cmpuint(sums[0], ==, flows);
	g_assert_cmpuint(sums[1], ==, octets);
	g_assert_cmpuint(sums[2], ==, total);
}

/* Records made and the survey always add up to what came. */
static void
test_survey(void)
{
	struct expirer *f = expirer_new(1024);
	guint steps = 0;

	check_survey(f, 0, 0, 0);
	expirer_packet(f, 1, 100, 0);
	expirer_packet(f, 2, 50, 0);
	check_survey(f, 2, 150, 150);
	expirer_scan(f, EXPIRE_REPORT);
	check_survey(f, 2, 0, 150);
	expirer_packet(f, 1, 7, 0);
	check_survey(f, 2, 7, 157);

	/* Being closed, a flow is not reported yet. */
	expire_begin(f->expire, EXPIRE_DRAIN);
	while (expire_step(f->expire, &f->now) != EXPIRE_WAITING)
		g_assert_cmpuint(++steps, <, 100);
	check_survey(f, 2, 7, 157);
	expire_grace_over(f->expire);
	while (expire_step(f->expire, &f->now) != EXPIRE_RESTING)
		g_assert_cmpuint(++steps, <, 100);
	check_survey(f, 0, 0, 0);
	expirer_free(f);
}

static void
add(void)
{
	g_test_add_func("/expire/survey", test_survey);
	g_test_add_func("/expire/idle", test_idle);
	g_test_add_func("/expire/active", test_active);
	g_test_add_func("/expire/set", test_set);
	g_test_add_func("/expire/nothing-new", test_nothing_new);
	g_test_add_func("/expire/packet-while-closing",
			test_packet_while_closing);
	g_test_add_func("/expire/drain-while-waiting",
			test_drain_while_waiting);
	g_test_add_func("/expire/many", test_many);
	g_test_add_func("/expire/packet-of-the-future",
			test_packet_of_the_future);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
