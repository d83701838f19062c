/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../netflow9.h"
#include "../records.h"
#include "../tap.h"
#include "clock.h"
#include "encode.h"

#define WALL_NS	  (0x65545fff * CLOCK_SECOND_NS + 999999999)
#define DAY_NS	  (86400 * CLOCK_SECOND_NS)
#define MS_NS	  1000000
#define LEN4	  50 /* of the standard set's records, times are at the end */
#define N_RECORDS 20

static const struct encoder_ops *const v9 = &encode_netflow9;

/* At WALL_NS: records that begin two days ago, one each millisecond, and end
 * one day ago. */
static void
check_day(struct encoder *encoder, uint64_t wall_ns)
{
	uint64_t start_ms = (wall_ns - 2 * DAY_NS) / MS_NS;
	uint64_t end_ms = (wall_ns - DAY_NS) / MS_NS;
	struct message message;
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	record.end_ns = wall_ns - DAY_NS;
	for (int i = 0; i < N_RECORDS; i++) {
		record.start_ns = wall_ns - 2 * DAY_NS + i * MS_NS;
		g_assert_true(v9->add(encoder, &record));
	}
	g_assert_true(v9->take(encoder, wall_ns, &message));
	for (int i = 0; i < N_RECORDS; i++) {
		const uint8_t *at = message.data + 24 + LEN4 * (i + 1) - 8;

		g_assert_cmpuint(netflow9_wall_ms(&message, ipfix_get32(at)),
				 ==, start_ms + i);
		at += 4;
		g_assert_cmpuint(netflow9_wall_ms(&message, ipfix_get32(at)),
				 ==, end_ms);
	}
}

/* A collector finds the millisecond again, however long the host is up, and
 * though its clock is set forth and back. */
static void
test_days(void)
{
	static const int days[] = { 0, 30, 45, 60, 100, 5, 4, 3000, 20 };
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = v9->new(set, 1, 1400, NULL);
	struct message message;

	for (size_t i = 0; i < G_N_ELEMENTS(days); i++) {
		uint64_t wall_ns = WALL_NS + days[i] * DAY_NS;

		check_day(encoder, wall_ns);
		v9->announce(encoder, 0, wall_ns, &message);
		check_day(encoder, wall_ns);
	}
	for (int day = 0; day < 1000; day++)
		check_day(encoder, WALL_NS + day * DAY_NS);
	v9->free(encoder);
	template_set_free(set);
}

/* A message has one boot: a record too far from it goes into the next. */
static void
test_far_record(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = v9->new(set, 1, 1400, NULL);
	struct message message;
	struct record record;
	uint64_t boot_ms;

	records_fill(&record, RECORDS_TCP4);
	g_assert_true(v9->add(encoder, &record));
	record.start_ns += 100 * DAY_NS;
	record.end_ns += 100 * DAY_NS;
	g_assert_false(v9->add(encoder, &record));
	g_assert_true(v9->take(encoder, WALL_NS, &message));
	g_assert_cmpuint(message.tally.records, ==, 1);
	boot_ms = netflow9_wall_ms(&message, 0);
	g_assert_true(v9->add(encoder, &record));
	g_assert_true(v9->take(encoder, WALL_NS + 100 * DAY_NS, &message));
	g_assert_cmpuint(message.tally.records, ==, 1);
	g_assert_cmpuint(netflow9_wall_ms(&message, 0), !=, boot_ms);
	v9->free(encoder);
	template_set_free(set);
}

/* A record may end in the nanosecond of its export, and must not be later than
 * sysUptime even then. */
static void
test_last_moment(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = v9->new(set, 1, 1400, NULL);
	struct message message;
	struct record record;
	uint32_t end;

	records_fill(&record, RECORDS_TCP4);
	for (int ms = 0; ms <= 1000; ms += 100) {
		record.end_ns = WALL_NS + ms * MS_NS;
		g_assert_true(v9->add(encoder, &record));
		g_assert_true(v9->take(encoder, record.end_ns, &message));
		end = ipfix_get32(message.data + 24 + LEN4 - 4);
		g_assert_cmpuint(netflow9_wall_ms(&message, end), ==,
				 record.end_ns / MS_NS);
		g_assert_cmpuint(end, <=, ipfix_get32(message.data + 4));
		g_assert_cmpuint(end + 1000, >, ipfix_get32(message.data + 4));
	}
	v9->free(encoder);
	template_set_free(set);
}

/* The boot is the host's own, as long as that can be told. */
static void
test_uptime(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = v9->new(set, 1, 1400, NULL);
	uint64_t wall_ns = clock_wall_ns();
	uint64_t boot_ns = clock_boot_ns();
	struct message message;
	int64_t error_ms;

	g_assert_true(v9->announce(encoder, 0, wall_ns, &message));
	error_ms = netflow9_wall_ms(&message, 0) - (wall_ns - boot_ns) / MS_NS;
	if (boot_ns < 48 * DAY_NS)
		g_assert_cmpint(ABS(error_ms), <, 1000);
	v9->free(encoder);
	template_set_free(set);
}

static void
add(void)
{
	g_test_add_func("/encode-netflow9/days", test_days);
	g_test_add_func("/encode-netflow9/far-record", test_far_record);
	g_test_add_func("/encode-netflow9/last-moment", test_last_moment);
	g_test_add_func("/encode-netflow9/uptime", test_uptime);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
