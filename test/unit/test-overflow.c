/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets from a ring that the test fills, to records.
 */
#include "../tap.h"
#include "overflow.h"

#define SECOND CLOCK_SECOND_NS
#define MS     (SECOND / 1000)

enum { TICK_NS = 4 * MS, OCTETS = 40 };

struct fixture {
	GQueue ring; /* of struct flow_packet */
	struct overflow *overflow;
	struct stats stats;
	struct instant now;
	GArray *records;
	guint most_read; /* packets in one step */
};

static void
push(void *to, struct record *record)
{
	g_array_append_val((GArray *)to, *record);
}

/* Its scans come when they must: nobody is to count them. */
static void
flush(void *to)
{
	(void)to;
	g_assert_not_reached();
}

static void
read_ring(void *from, bool (*take)(void *to, const struct flow_packet *packet),
	  void *to)
{
	struct fixture *f = from;
	bool more = true;
	guint n = 0;

	while (more && !g_queue_is_empty(&f->ring)) {
		g_autofree struct flow_packet *packet =
			g_queue_pop_head(&f->ring);

		more = take(to, packet);
		memset(packet, 0xff, sizeof(*packet)); /* as the kernel may */
		n++;
	}
	f->most_read = MAX(f->most_read, n);
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
set_up(uint32_t max)
{
	struct fixture *f = g_new0(struct fixture, 1);
	struct overflow_args args = {
		.source = { read_ring, f },
		.max = max,
		.timeouts = { .idle_ns = 15 * SECOND,
			      .active_ns = 60 * SECOND,
			      .tcp_end_ns = 2 * SECOND },
		.stats = &f->stats,
	};

	f->records = g_array_new(FALSE, FALSE, sizeof(struct record));
	args.sink = (struct sink){ push, flush, f->records };
	g_queue_init(&f->ring);
	f->overflow = overflow_new(&args);
	set_time(f, 1000 * SECOND);
	return f;
}

static void
tear_down(struct fixture *f)
{
	overflow_free(f->overflow);
	g_queue_clear_full(&f->ring, g_free);
	g_array_unref(f->records);
	g_free(f);
}

/* The kernel leaves a packet now. */
static void
packet(struct fixture *f, uint32_t flow)
{
	struct flow_packet *packet = g_new0(struct flow_packet, 1);

	packet->key.src_port = flow;
	packet->key.dst_port = flow >> 16;
	packet->key.protocol = IPPROTO_UDP;
	packet->key.family = FLOW_IPV4;
	packet->value.octets = OCTETS;
	packet->value.packets = 1;
	packet->value.last = f->now.tick;
	packet->value.origin.first_ns = f->now.boot_ns;
	g_queue_push_tail(&f->ring, packet);
}

/* Steps until it rests; how many. */
static guint
work(struct fixture *f)
{
	guint n = 0;

	do {
		g_assert_cmpuint(n++, <, 10000);
	} while (overflow_step(f->overflow, &f->now) != EXPIRE_RESTING);
	return n;
}

static void
scan(struct fixture *f, enum expire_scan how)
{
	overflow_begin(f->overflow, how);
	work(f);
	g_assert_true(g_queue_is_empty(&f->ring));
}

static struct flow_counters
counted(struct fixture *f)
{
	struct flow_counters counters = { 0 };

	overflow_count(f->overflow, &counters);
	return counters;
}

/* Late to be taken, but at the times that they had. */
static void
test_times(void)
{
	struct fixture *f = set_up(1024);
	struct record *record;

	packet(f, 1);
	set_time(f, 1000 * SECOND + 400 * MS);
	packet(f, 1);
	set_time(f, 1000 * SECOND + 900 * MS);
	g_assert_cmpuint(work(f), ==, 1);
	g_assert_cmpuint(overflow_n_taken(f->overflow), ==, 2);
	g_assert_cmpuint(counted(f).flows_created, ==, 1);
	set_time(f, 1015 * SECOND + 300 * MS);
	scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 0);
	set_time(f, 1015 * SECOND + 500 * MS);
	scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 1);
	record = &g_array_index(f->records, struct record, 0);
	g_assert_cmpuint(record->value.packets, ==, 2);
	g_assert_cmpuint(record->value.octets, ==, 2 * OCTETS);
	g_assert_cmpuint(record->end_reason, ==, END_IDLE);
	g_assert_cmpuint(record->start_ns, ==, 1700001000 * SECOND);
	g_assert_cmpuint(record->end_ns, ==, 1700001000 * SECOND + 400 * MS);
	tear_down(f);
}

/* A step takes a bounded number, and all are taken in the end. */
static void
test_steps(void)
{
	enum { N = 20000 };
	struct fixture *f = set_up(2 * N);

	for (uint32_t flow = 0; flow < N; flow++)
		packet(f, flow);
	g_assert_cmpint(overflow_step(f->overflow, &f->now), ==,
			EXPIRE_SCANNING);
	g_assert_cmpuint(g_queue_get_length(&f->ring), >, N / 2);
	work(f);
	g_assert_cmpuint(f->most_read, <=, 4096);
	g_assert_cmpuint(overflow_n_taken(f->overflow), ==, N);
	g_assert_cmpuint(counted(f).flows_created, ==, N);
	scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(f->records->len, ==, N);
	g_assert_cmpuint(f->stats.flows_ended_forced, ==, N);
	tear_down(f);
}

/* Without room, and without time to make some: counted, and each one once. */
static void
test_no_room(void)
{
	enum { N = 4000 };
	struct fixture *f = set_up(16);
	struct flow_counters counters;

	for (uint32_t flow = 0; flow < N; flow++)
		packet(f, flow);
	work(f);
	counters = counted(f);
	g_assert_cmpuint(counters.flows_created, ==, 32);
	g_assert_cmpuint(counters.packets_unaccounted, ==, N - 32);
	g_assert_cmpuint(counters.octets_unaccounted, ==, OCTETS * (N - 32));
	g_assert_cmpuint(counters.packets_seen, ==, 0);
	scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(f->stats.packets_recorded, ==, 32);
	tear_down(f);
}

/* The table of overflow is under pressure of its own. */
static void
test_pressure(void)
{
	enum { MAX_FLOWS = 1024, N = 20 * MAX_FLOWS };
	struct fixture *f = set_up(MAX_FLOWS);

	for (uint32_t i = 0; i < N; i++) {
		packet(f, i);
		if (i % 128)
			continue;
		set_time(f, f->now.boot_ns + 10 * MS);
		work(f);
	}
	g_assert_true(overflow_is_pressed(f->overflow));
	g_assert_cmpuint(f->stats.flows_ended_lack, >, N - 2 * MAX_FLOWS);
	scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(f->stats.packets_recorded +
				 counted(f).packets_unaccounted,
			 ==, N);
	g_assert_cmpuint(counted(f).packets_unaccounted, <, N / 100);
	tear_down(f);
}

/* What is in the ring when we stop is told too. */
static void
test_drain(void)
{
	enum { N = 10000 };
	struct fixture *f = set_up(N);

	for (uint32_t i = 0; i < N; i++)
		packet(f, i % 1000);
	scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(f->records->len, ==, 1000);
	g_assert_cmpuint(f->stats.packets_recorded, ==, N);
	tear_down(f);
}

static void
add(void)
{
	g_test_add_func("/overflow/times", test_times);
	g_test_add_func("/overflow/steps", test_steps);
	g_test_add_func("/overflow/no-room", test_no_room);
	g_test_add_func("/overflow/pressure", test_pressure);
	g_test_add_func("/overflow/drain", test_drain);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
