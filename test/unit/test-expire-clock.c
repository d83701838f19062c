/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times of records, by a clock that the test sets.  Eviction by count and by
 * period, and wall times from monotonic ones, are the scenarios under these
 * names of the agent that this program is measured against.
 */
#include "../expirer.h"
#include "../tap.h"

#define SECOND CLOCK_SECOND_NS
#define MS     (SECOND / 1000)
#define WALL   EXPIRER_WALL_NS

/* As bpf/table.h has it. */
enum { FULL = 2 };

static void
set_jiffies(struct expirer *f, uint64_t boot_ns)
{
	expirer_set_time(f, boot_ns);
	f->now.tick_ns = 4 * MS;
	f->now.tick = boot_ns / f->now.tick_ns;
}

/* A packet that came at BOOT_NS, in jiffies. */
static bool
packet_at(struct expirer *f, uint32_t flow, uint32_t octets, uint16_t tcp_flags,
	  uint64_t boot_ns)
{
	struct flow_key key = expirer_key(flow);
	struct flow_value value = {
		.octets = octets,
		.packets = 1,
		.last = boot_ns / (4 * MS),
		.tcp_flags = tcp_flags,
		.origin.first_ns = boot_ns,
	};

	return flowtable_account(f->table, &key, &value) != FULL;
}

static struct record *
find(struct expirer *f, uint32_t flow)
{
	for (guint i = 0; i < f->records->len; i++)
		if (expirer_record(f, i)->key.src_port == flow)
			return expirer_record(f, i);
	g_assert_not_reached();
}

/* Nothing comes out while there is room; then all that there is, with the next
 * flow left inside. */
static void
test_evict_max_entries(void)
{
	struct expirer *f = expirer_new(8); /* 16 slots: one bucket */
	struct record *record;

	set_jiffies(f, 1000 * SECOND);
	for (uint32_t flow = 2; flow < 16; flow++)
		g_assert_true(packet_at(f, flow, 9, 0, 200 * SECOND));
	g_assert_true(packet_at(f, 0, 123, 1, 123 * SECOND));
	g_assert_true(packet_at(f, 1, 456, 0, 456 * SECOND));
	g_assert_true(packet_at(f, 0, 321, 1, 788 * SECOND));
	g_assert_false(packet_at(f, 16, 111, 0, 888 * SECOND));
	g_assert_cmpuint(f->records->len, ==, 0);
	expirer_scan(f, EXPIRE_LACK);
	g_assert_true(packet_at(f, 16, 111, 0, 888 * SECOND));
	g_assert_cmpuint(f->records->len, ==, 16);
	record = find(f, 0);
	g_assert_cmpuint(record->value.octets, ==, 444);
	g_assert_cmpuint(record->value.packets, ==, 2);
	g_assert_cmpuint(record->value.tcp_flags, ==, 1);
	g_assert_cmpuint(record->start_ns, ==, WALL + 123 * SECOND);
	g_assert_cmpuint(record->end_ns, ==, WALL + 788 * SECOND);
	record = find(f, 1);
	g_assert_cmpuint(record->value.octets, ==, 456);
	g_assert_cmpuint(record->value.packets, ==, 1);
	g_assert_cmpuint(record->start_ns, ==, WALL + 456 * SECOND);
	g_assert_cmpuint(record->end_ns, ==, WALL + 456 * SECOND);
	expirer_free(f);
}

/* What came before a report is in it, what comes later in the next. */
static void
test_evict_period(void)
{
	struct expirer *f = expirer_new(1024);
	struct record *record;

	for (int i = 0; i < 3; i++)
		packet_at(f, 1, 10, 0, (1000 + 100 * i) * MS);
	set_jiffies(f, 1300 * MS);
	expirer_scan(f, EXPIRE_REPORT);
	for (int i = 0; i < 2; i++)
		packet_at(f, 1, 10, 0, (1400 + 100 * i) * MS);
	set_jiffies(f, 1600 * MS);
	expirer_scan(f, EXPIRE_REPORT);
	expirer_scan(f, EXPIRE_REPORT);
	g_assert_cmpuint(f->records->len, ==, 2);
	record = expirer_record(f, 0);
	g_assert_cmpuint(record->value.octets, ==, 30);
	g_assert_cmpuint(record->value.packets, ==, 3);
	g_assert_cmpuint(record->start_ns, ==, WALL + 1000 * MS);
	g_assert_cmpuint(record->end_ns, ==, WALL + 1200 * MS);
	record = expirer_record(f, 1);
	g_assert_cmpuint(record->value.octets, ==, 20);
	g_assert_cmpuint(record->value.packets, ==, 2);
	g_assert_cmpuint(record->start_ns, ==, WALL + 1300 * MS);
	g_assert_cmpuint(record->end_ns, ==, WALL + 1500 * MS);
	expirer_free(f);
}

/* Packets that come while the scan goes on are after its clock, but a record
 * never tells of more than now. */
static void
test_future(void)
{
	struct expirer *f = expirer_new(1024);

	set_jiffies(f, 1000 * SECOND);
	packet_at(f, 1, 40, 0, 1000 * SECOND + 3 * MS);
	packet_at(f, 2, 40, 0, 999 * SECOND);
	packet_at(f, 2, 40, 0, 1000 * SECOND + 5 * MS);
	packet_at(f, 3, 40, 0, 1000 * SECOND + 9 * MS);
	packet_at(f, 3, 40, 0, 1000 * SECOND + 10 * MS);
	expirer_scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 0);
	expirer_scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(f->records->len, ==, 3);
	for (guint i = 0; i < 3; i++) {
		struct record *record = expirer_record(f, i);

		g_assert_cmpuint(record->start_ns, <=, record->end_ns);
		g_assert_cmpuint(record->end_ns, <=,
				 WALL + 1000 * SECOND + 4 * MS);
	}
	g_assert_cmpuint(find(f, 2)->start_ns, ==, WALL + 999 * SECOND);
	expirer_free(f);
}

/* The phase of the tick is nobody's duration. */
static void
test_one_packet(void)
{
	struct expirer *f = expirer_new(1024);

	packet_at(f, 1, 40, 0, 1000 * SECOND + 1);
	set_jiffies(f, 1000 * SECOND + 7 * MS);
	expirer_scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(expirer_record(f, 0)->start_ns, ==,
			 WALL + 1000 * SECOND + 1);
	g_assert_cmpuint(expirer_record(f, 0)->end_ns, ==,
			 WALL + 1000 * SECOND + 1);
	expirer_free(f);
}

/* The wall clock is set back an hour, and forth a day: flows end when they
 * did, last as long as they did, and start before they end. */
static void
test_steps(void)
{
	static const int64_t steps_s[] = { -3600, 86400 };

	for (size_t i = 0; i < G_N_ELEMENTS(steps_s); i++) {
		uint64_t step_ns = steps_s[i] * SECOND;
		struct expirer *f = expirer_new(1024);
		struct record *first, *second;

		packet_at(f, 1, 40, 0, 1000 * SECOND);
		packet_at(f, 2, 40, 0, 1001 * SECOND);
		packet_at(f, 1, 40, 0, 1003 * SECOND);
		packet_at(f, 2, 40, 0, 1004 * SECOND);
		set_jiffies(f, 1004 * SECOND);
		expirer_scan(f, EXPIRE_DUE);
		set_jiffies(f, 1014 * SECOND);
		f->now.wall_ns += step_ns;
		expirer_scan(f, EXPIRE_DUE);
		g_assert_cmpuint(f->records->len, ==, 0);
		set_jiffies(f, 1019 * SECOND);
		f->now.wall_ns += step_ns;
		expirer_scan(f, EXPIRE_DUE);
		g_assert_cmpuint(f->records->len, ==, 2);
		first = find(f, 1);
		second = find(f, 2);
		g_assert_cmpuint(first->start_ns, ==,
				 WALL + 1000 * SECOND + step_ns);
		g_assert_cmpuint(first->end_ns - first->start_ns, ==,
				 3 * SECOND);
		g_assert_cmpuint(first->boot_ns, ==, 1003 * SECOND);
		g_assert_cmpuint(second->end_ns - second->start_ns, ==,
				 3 * SECOND);
		g_assert_cmpuint(second->start_ns - first->start_ns, ==,
				 1 * SECOND);
		expirer_free(f);
	}
}

/* It slept for an hour: who was quiet before has been quiet since, and ended
 * before it. */
static void
test_sleep(void)
{
	struct expirer *f = expirer_new(1024);
	struct clock clock = { 0 };
	const uint64_t hour = 3600 * SECOND;

	packet_at(f, 1, 40, 0, 1000 * SECOND);
	packet_at(f, 1, 40, 0, 1001 * SECOND);
	set_jiffies(f, 1002 * SECOND);
	clock_set(&clock, &f->now);
	clock_keep(&clock, &f->now);
	expirer_scan(f, EXPIRE_DUE);
	set_jiffies(f, 1003 * SECOND);
	f->now.boot_ns += hour;
	f->now.wall_ns += hour;
	clock_set(&clock, &f->now);
	clock_keep(&clock, &f->now);
	expirer_scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 1);
	g_assert_cmpuint(expirer_record(f, 0)->end_reason, ==, END_IDLE);
	g_assert_cmpuint(expirer_record(f, 0)->start_ns, ==,
			 WALL + 1000 * SECOND);
	g_assert_cmpuint(expirer_record(f, 0)->end_ns, ==,
			 WALL + 1001 * SECOND);
	expirer_free(f);
}

static void
add(void)
{
	g_test_add_func("/expire-clock/evict-max-entries",
			test_evict_max_entries);
	g_test_add_func("/expire-clock/evict-period", test_evict_period);
	g_test_add_func("/expire-clock/future", test_future);
	g_test_add_func("/expire-clock/one-packet", test_one_packet);
	g_test_add_func("/expire-clock/steps", test_steps);
	g_test_add_func("/expire-clock/sleep", test_sleep);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
