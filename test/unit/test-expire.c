/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The expire stage on a table of our own, with a clock that the test sets.
 */
#include <string.h>

#include "../tap.h"
#include "expire.h"

#define SECOND CLOCK_SECOND_NS
#define MS     1000000ULL

enum { TICK_NS = 1 << FLOW_PRECISE_SHIFT };

/* As bpf/table.h has it, which only flowtable.c may include. */
enum { MERGED, CREATED, FULL };

struct fixture {
	struct table *table;
	struct expire *expire;
	struct stats stats;
	struct instant now;
	GArray *records;
	guint n_flushes;
};

static void
push(void *to, struct record *record)
{
	struct fixture *f = to;

	g_array_append_val(f->records, *record);
}

static void
flush(void *to)
{
	struct fixture *f = to;

	f->n_flushes++;
}

static void
set_time(struct fixture *f, uint64_t boot_ns)
{
	f->now.boot_ns = boot_ns;
	f->now.wall_ns = 1700000000 * SECOND + boot_ns;
	f->now.tick_ns = TICK_NS;
	f->now.tick = boot_ns / TICK_NS;
}

static struct fixture *
set_up_for(uint32_t max)
{
	const struct expire_timeouts timeouts = {
		.idle_ns = 15 * SECOND,
		.active_ns = 60 * SECOND,
	};
	struct fixture *f = g_new0(struct fixture, 1);
	struct sink sink = { push, flush, f };

	f->table = flowtable_new(max, false);
	f->records = g_array_new(FALSE, FALSE, sizeof(struct record));
	f->expire = expire_new(f->table, &timeouts, &sink, &f->stats);
	set_time(f, 1000 * SECOND);
	return f;
}

static void
tear_down(struct fixture *f)
{
	expire_free(f->expire);
	flowtable_free(f->table);
	g_array_unref(f->records);
	g_free(f);
}

static void
packet(struct fixture *f, uint32_t flow, uint32_t octets, uint16_t tcp_flags)
{
	const struct flow_key key = {
		.src_port = flow,
		.dst_port = flow >> 16,
		.protocol = 6,
		.if_index = 3,
		.family = FLOW_IPV4,
	};
	struct flow_value value = {
		.octets = octets,
		.packets = 1,
		.last = f->now.boot_ns / TICK_NS,
		.tcp_flags = tcp_flags,
	};

	int result;

	value.origin.first_ns = f->now.boot_ns;
	result = flowtable_account(f->table, &key, &value);
	g_assert_cmpint(result, <, FULL);
	f->stats.kernel.flows_created += result == CREATED;
}

/* A scan to its end; the number of grace periods that it asked for. */
static guint
scan(struct fixture *f, enum expire_scan how)
{
	guint n_graces = 0;
	enum expire_state state = EXPIRE_SCANNING;

	expire_begin(f->expire, how);
	while (state != EXPIRE_RESTING) {
		state = expire_step(f->expire, &f->now);
		if (state != EXPIRE_WAITING)
			continue;
		/* nothing moves before the grace period is over */
		g_assert_cmpint(expire_step(f->expire, &f->now), ==,
				EXPIRE_WAITING);
		expire_grace_over(f->expire);
		n_graces++;
	}
	stats_settle(&f->stats);
	return n_graces;
}

static struct record *
record_at(struct fixture *f, guint i)
{
	g_assert_cmpuint(i, <, f->records->len);
	return &g_array_index(f->records, struct record, i);
}

static void
test_idle(void)
{
	struct fixture *f = set_up_for(1024);
	struct record *record;

	packet(f, 1, 100, 0x02);
	set_time(f, 1003 * SECOND);
	packet(f, 1, 50, 0x11);
	set_time(f, 1017 * SECOND);
	g_assert_cmpuint(scan(f, EXPIRE_DUE), ==, 0);
	g_assert_cmpuint(f->records->len, ==, 0);
	g_assert_cmpuint(f->stats.flows_active, ==, 1);
	set_time(f, 1018 * SECOND + 1 * MS);
	g_assert_cmpuint(scan(f, EXPIRE_DUE), ==, 1);
	record = record_at(f, 0);
	g_assert_cmpuint(record->end_reason, ==, END_IDLE);
	g_assert_cmpuint(record->value.packets, ==, 2);
	g_assert_cmpuint(record->value.octets, ==, 150);
	g_assert_cmphex(record->value.tcp_flags, ==, 0x13);
	g_assert_cmpuint(record->key.marks, ==, 0);
	g_assert_cmpuint(record->start_ns, ==, 1700001000 * SECOND);
	g_assert_cmpuint(record->end_ns, <, 1700001003 * SECOND + TICK_NS);
	g_assert_cmpuint(record->end_ns, >, 1700001003 * SECOND - TICK_NS);
	g_assert_cmpuint(f->stats.flows_ended_idle, ==, 1);
	g_assert_cmpuint(f->stats.flows_active, ==, 0);
	g_assert_cmpuint(f->stats.packets_recorded, ==, 2);
	g_assert_cmpuint(f->stats.octets_recorded, ==, 150);
	/* the slot is free: nothing more to tell */
	scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(f->records->len, ==, 1);
	tear_down(f);
}

/* A flow that goes on is told in differences, whose sum is the flow. */
static void
test_active(void)
{
	struct fixture *f = set_up_for(1024);
	struct record *record;

	for (int s = 0; s < 150; s++) {
		set_time(f, (1000 + s) * SECOND);
		packet(f, 1, 100 + s, 0x10);
		scan(f, EXPIRE_DUE);
	}
	g_assert_cmpuint(f->records->len, ==, 2);
	record = record_at(f, 0);
	g_assert_cmpuint(record->end_reason, ==, END_ACTIVE);
	g_assert_cmpuint(record->value.packets, ==, 61);
	g_assert_cmpuint(record->start_ns, ==, 1700001000 * SECOND);
	record = record_at(f, 1);
	g_assert_cmpuint(record->value.packets, ==, 60);
	g_assert_cmpuint(record->start_ns, ==, 1700001060 * SECOND);
	g_assert_cmpuint(record->end_ns, >, 1700001120 * SECOND - TICK_NS);
	scan(f, EXPIRE_DRAIN);
	record = record_at(f, 2);
	g_assert_cmpuint(record->end_reason, ==, END_FORCED);
	g_assert_cmpuint(record->value.packets, ==, 29);
	g_assert_cmpuint(f->stats.packets_recorded, ==, 150);
	g_assert_cmpuint(f->stats.octets_recorded, ==,
			 150 * 100 + 149 * 150 / 2);
	g_assert_cmpuint(f->stats.flows_ended_active, ==, 2);
	tear_down(f);
}

/* Reported to the last packet, then quiet: it ends, and there is no record of
 * no packets. */
static void
test_nothing_new(void)
{
	struct fixture *f = set_up_for(1024);

	packet(f, 1, 100, 0);
	scan(f, EXPIRE_REPORT);
	g_assert_cmpuint(record_at(f, 0)->end_reason, ==, END_FORCED);
	scan(f, EXPIRE_REPORT);
	set_time(f, 1016 * SECOND);
	scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 1);
	g_assert_cmpuint(f->stats.flows_ended_idle, ==, 1);
	g_assert_cmpuint(f->stats.flows_ended_forced, ==, 0);
	g_assert_cmpuint(f->stats.flows_active, ==, 0);
	tear_down(f);
}

/* What comes while the slot is CLOSING opens a flow of its own. */
static void
test_packet_while_closing(void)
{
	struct fixture *f = set_up_for(1024);

	packet(f, 1, 100, 0);
	set_time(f, 1016 * SECOND);
	expire_begin(f->expire, EXPIRE_DUE);
	g_assert_cmpint(expire_step(f->expire, &f->now), ==, EXPIRE_WAITING);
	packet(f, 1, 7, 0);
	expire_grace_over(f->expire);
	while (expire_step(f->expire, &f->now) != EXPIRE_RESTING)
		;
	g_assert_cmpuint(f->records->len, ==, 1);
	g_assert_cmpuint(record_at(f, 0)->value.octets, ==, 100);
	scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(record_at(f, 1)->value.octets, ==, 7);
	g_assert_cmpuint(record_at(f, 1)->start_ns, ==, 1700001016 * SECOND);
	tear_down(f);
}

/* Asked to drain in the middle of a scan: it follows, and nothing is left. */
static void
test_drain_while_waiting(void)
{
	struct fixture *f = set_up_for(1024);
	enum expire_state state;

	packet(f, 1, 1, 0);
	set_time(f, 1016 * SECOND);
	packet(f, 2, 1, 0);
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
	tear_down(f);
}

/* More endings than are harvested at once, more slots than a step visits. */
static void
test_many(void)
{
	enum { N = 100000 };
	struct fixture *f = set_up_for(2 * N); /* room for every one */
	g_autofree guint8 *seen = g_new0(guint8, N);

	for (uint32_t flow = 0; flow < N; flow++)
		packet(f, flow, 40, 0);
	scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->stats.flows_active, ==, N);
	set_time(f, 1020 * SECOND);
	g_assert_cmpuint(scan(f, EXPIRE_DUE), >, 1);
	g_assert_cmpuint(f->records->len, ==, N);
	g_assert_cmpuint(f->stats.flows_active, ==, 0);
	for (guint i = 0; i < N; i++) {
		struct flow_key *key = &record_at(f, i)->key;

		seen[key->src_port | key->dst_port << 16]++;
	}
	for (guint i = 0; i < N; i++)
		g_assert_cmpuint(seen[i], ==, 1);
	g_assert_cmpuint(f->n_flushes, ==, 2);
	tear_down(f);
}

/* Stamped after the clock was read: young, not 73 minutes old. */
static void
test_packet_of_the_future(void)
{
	struct fixture *f = set_up_for(1024);

	set_time(f, 1000 * SECOND + 20 * MS);
	packet(f, 1, 40, 0);
	set_time(f, 1000 * SECOND);
	scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 0);
	scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(record_at(f, 0)->start_ns, <=,
			 record_at(f, 0)->end_ns);
	tear_down(f);
}

static void
add(void)
{
	g_test_add_func("/expire/idle", test_idle);
	g_test_add_func("/expire/active", test_active);
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
