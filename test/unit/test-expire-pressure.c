/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table that fills up: who ends, how many, and when it is over.
 */
#include "../expirer.h"
#include "../tap.h"

#define SECOND CLOCK_SECOND_NS
#define MS     (SECOND / 1000)

enum { MAX = 4096 };

/* What live.c does each few milliseconds; whether a scan was asked for. */
static bool
beat(struct expirer *f)
{
	bool scan =
		expire_load(f->expire, f->stats.kernel.flows_created, &f->now);

	if (scan)
		expirer_scan(f, EXPIRE_DUE);
	return scan;
}

/* Flows FIRST to FIRST + N begin, one each millisecond from BOOT_NS. */
static void
begin(struct expirer *f, uint32_t first, uint32_t n, uint64_t boot_ns)
{
	for (uint32_t i = 0; i < n; i++) {
		expirer_set_time(f, boot_ns + i * MS);
		expirer_packet(f, first + i, 40, 0);
	}
}

/* Three quarters are no pressure; more are, and the oldest end. */
static void
test_oldest_end(void)
{
	struct expirer *f = expirer_new(MAX);
	uint32_t n = MAX / 4 * 3;

	begin(f, 0, n, 1000 * SECOND);
	g_assert_false(beat(f));
	g_assert_false(expire_is_pressed(f->expire));
	begin(f, n, 1, 1000 * SECOND + n * MS);
	g_assert_true(beat(f));
	g_assert_true(expire_is_pressed(f->expire));
	/* The first scan looks, the second ends what is too much. */
	g_assert_cmpuint(f->records->len, ==, 0);
	g_assert_true(beat(f));
	g_assert_cmpuint(f->stats.flows_ended_lack, ==, f->records->len);
	g_assert_cmpuint(f->stats.flows_active, <=, MAX / 8 * 5);
	/* ages are known to an eighth of 2 s */
	g_assert_cmpuint(f->stats.flows_active, >, MAX / 8 * 5 - MAX / 14);
	for (guint i = 0; i < f->records->len; i++) {
		struct record *record = expirer_record(f, i);

		g_assert_cmpuint(record->end_reason, ==, END_LACK);
		g_assert_cmpuint(record->key.src_port, <, f->records->len);
	}
	g_assert_false(beat(f));
	expirer_free(f);
}

/* Flows that talk each second stay, up to what the table is made for; there is
 * no scan without end. */
static void
test_talkers_stay(void)
{
	struct expirer *f = expirer_new(MAX);
	guint n_scans = 0;

	for (int s = 0; s < 10; s++) {
		expirer_set_time(f, (1000 + s) * SECOND);
		for (uint32_t flow = 0; flow < MAX; flow++)
			expirer_packet(f, flow, 40, 0);
		for (int i = 0; i < 90; i++) {
			expirer_set_time(f, (1000 + s) * SECOND + i * 10 * MS);
			n_scans += beat(f);
		}
		expirer_scan(f, EXPIRE_DUE);
	}
	g_assert_true(expire_is_pressed(f->expire));
	g_assert_cmpuint(f->stats.flows_ended_lack, ==, 0);
	g_assert_cmpuint(n_scans, <, 10);
	/* One more than that, and some have to go. */
	expirer_packet(f, MAX, 40, 0);
	for (int i = 0; i < 3; i++) {
		expirer_set_time(f, 1010 * SECOND + i * 10 * MS);
		beat(f);
		expirer_scan(f, EXPIRE_DUE);
	}
	g_assert_cmpuint(f->stats.flows_ended_lack, >, 0);
	expirer_free(f);
}

/* Ten times the table, one packet each: all but a few find room, all of these
 * are told, and who talked before goes on. */
static void
test_flood(void)
{
	enum { OLD = 256, FLOOD = 10 * MAX };
	struct expirer *f = expirer_new(MAX);
	uint64_t flood_packets = 0, n_full = 0;

	for (uint32_t i = 0; i < FLOOD; i++) {
		struct flow_key key;

		expirer_set_time(f, 1000 * SECOND + i * MS / 32);
		if (i % 320 == 0) /* each 10 ms */
			beat(f);
		if (i % 160 == 0)
			for (uint32_t flow = 0; flow < OLD; flow++)
				expirer_packet(f, flow, 100, 0);
		key = expirer_key(1000 + i);
		n_full += !expirer_packet_of(f, &key, 40, 0x02);
	}
	g_assert_cmpuint(n_full, <, FLOOD / 100);
	g_assert_cmpuint(f->stats.flows_ended_lack, >, FLOOD - 2 * MAX);
	for (guint i = 0; i < f->records->len; i++) {
		struct record *record = expirer_record(f, i);

		g_assert_cmpuint(record->key.src_port | record->key.dst_port
								<< 16,
				 >=, 1000);
		flood_packets += record->value.packets;
	}
	g_assert_cmpuint(flood_packets, ==, f->stats.flows_ended_lack);
	expirer_scan(f, EXPIRE_DRAIN);
	g_assert_cmpuint(f->stats.packets_recorded, ==,
			 FLOOD - n_full + OLD * FLOOD / 160);
	g_assert_cmpuint(f->stats.flows_active, ==, 0);
	expirer_free(f);
}

/* It is over ten seconds after the last that ended early, not before. */
static void
test_relief(void)
{
	struct expirer *f = expirer_new(MAX);
	uint64_t end_ns;

	begin(f, 0, MAX, 1000 * SECOND);
	while (beat(f))
		;
	g_assert_cmpuint(f->stats.flows_ended_lack, >, 0);
	end_ns = f->now.boot_ns;
	expirer_set_time(f, end_ns + 9 * SECOND);
	g_assert_false(beat(f));
	g_assert_true(expire_is_pressed(f->expire));
	expirer_set_time(f, end_ns + 10 * SECOND);
	g_assert_false(beat(f));
	g_assert_false(expire_is_pressed(f->expire));
	expirer_free(f);
}

/* Flows that were too many when it was seen end, and no more: whoever is as old
 * by the time of the next scan stays. */
static void
test_late_scan(void)
{
	struct expirer *f = expirer_new(MAX);

	begin(f, 0, MAX, 1000 * SECOND);
	g_assert_true(beat(f));
	expirer_set_time(f, 1010 * SECOND);
	g_assert_true(beat(f));
	g_assert_cmpuint(f->stats.flows_active, >, MAX / 8 * 5 - MAX / 8);
	expirer_free(f);
}

/* Who is not told of the load ends nothing early. */
static void
test_not_told(void)
{
	struct expirer *f = expirer_new(MAX);

	begin(f, 0, MAX, 1000 * SECOND);
	expirer_scan(f, EXPIRE_DUE);
	expirer_scan(f, EXPIRE_DUE);
	g_assert_cmpuint(f->records->len, ==, 0);
	expirer_free(f);
}

static void
add(void)
{
	g_test_add_func("/expire-pressure/oldest-end", test_oldest_end);
	g_test_add_func("/expire-pressure/talkers-stay", test_talkers_stay);
	g_test_add_func("/expire-pressure/flood", test_flood);
	g_test_add_func("/expire-pressure/relief", test_relief);
	g_test_add_func("/expire-pressure/late-scan", test_late_scan);
	g_test_add_func("/expire-pressure/not-told", test_not_told);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
