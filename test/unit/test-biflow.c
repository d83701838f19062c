/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which records are joined, in which direction, and which go on alone. */
#include "../joiner.h"
#include "../records.h"
#include "../tap.h"

/* Whoever is reported first, the source is who sent first. */
static void
test_initiator(void)
{
	struct joiner j;

	joiner_setup(&j, 16, false);
	joiner_push(&j, JOINER_CLIENT, 100, 10, 1);
	joiner_expect(&j, "");
	joiner_push(&j, JOINER_SERVER, 200, 10, 2);
	joiner_expect(&j, " c1/2");
	biflow_release(j.biflow);
	joiner_expect(&j, "");
	joiner_teardown(&j);

	joiner_setup(&j, 16, false);
	joiner_push(&j, JOINER_SERVER, 200, 10, 3);
	joiner_push(&j, JOINER_CLIENT, 100, 11, 4);
	joiner_expect(&j, " c4/3");
	g_assert_cmpuint(j.joined, ==, 1);
	joiner_teardown(&j);
}

/* And it stays that, though it was quiet meanwhile and begins anew. */
static void
test_life(void)
{
	struct joiner j;

	joiner_setup(&j, 16, false);
	joiner_push(&j, JOINER_CLIENT, 100, 10, 1);
	joiner_push(&j, JOINER_SERVER, 200, 10, 2);
	joiner_push(&j, JOINER_SERVER, 200, 70, 3);
	joiner_push(&j, JOINER_SERVER, 200, 130, 4);
	joiner_expect(&j, " c1/2 s3");
	joiner_push(&j, JOINER_CLIENT, 125 * CLOCK_SECOND_NS, 130, 5);
	joiner_expect(&j, " c5/4");
	joiner_teardown(&j);
}

/* Forgotten, after long enough: who sends first now is the source. */
static void
test_memory(void)
{
	struct joiner j;

	joiner_setup(&j, 16, false);
	joiner_push(&j, JOINER_CLIENT, 100, 10, 1);
	joiner_push(&j, JOINER_SERVER, 200, 10, 2);
	joiner_push(&j, JOINER_SERVER, 200, 400, 3);
	joiner_push(&j, JOINER_CLIENT, 390 * CLOCK_SECOND_NS, 400, 4);
	joiner_expect(&j, " c1/2 s3/4");
	joiner_teardown(&j);
}

/* Nobody can tell. */
static void
test_arbitrary(void)
{
	struct joiner j;

	joiner_setup(&j, 16, false);
	joiner_push(&j, JOINER_SERVER, 100, 10, 1);
	joiner_push(&j, JOINER_CLIENT, 100, 10, 2);
	joiner_push(&j, JOINER_CLIENT, 100, 20, 3);
	joiner_push(&j, JOINER_SERVER, 100, 20, 4);
	joiner_expect(&j, " c2/1? c3/4?");
	joiner_teardown(&j);
}

/* Who is not met goes on alone, after three seconds at most. */
static void
test_hold(void)
{
	struct joiner j;

	joiner_setup(&j, 16, false);
	joiner_push(&j, JOINER_CLIENT, 100, 10, 1);
	joiner_push(&j, JOINER_CLIENT, 100, 12, 2);
	joiner_expect(&j, " c1");
	joiner_push(&j, JOINER_CLIENT, 100, 14, 3);
	joiner_expect(&j, " c2");
	joiner_push(&j, JOINER_SERVER, 100000, 17, 4);
	joiner_expect(&j, " c3");
	biflow_release(j.biflow);
	joiner_expect(&j, " s4");
	g_assert_cmpuint(j.joined, ==, 0);
	joiner_teardown(&j);
}

/* Where there is no room, nothing is lost. */
static void
test_max(void)
{
	struct joiner j;

	joiner_setup(&j, 3, false);
	for (unsigned i = 0; i < 5; i++) {
		struct record record = joiner_record(JOINER_CLIENT, 100, 10, i);

		record.key.src_port += i;
		sink_push(&j.sink, &record);
	}
	joiner_expect(&j, " c0 c1");
	biflow_release(j.biflow);
	joiner_expect(&j, " c2 c3 c4");
	joiner_teardown(&j);
}

static void
check_passed(struct joiner *j, const struct record *record)
{
	struct record copy = *record;

	sink_push(&j->sink, &copy);
	joiner_expect(j, " c1");
}

/* What has no other direction that can be told. */
static void
test_passes(void)
{
	struct joiner j;
	struct record record;

	joiner_setup(&j, 16, false);
	record = joiner_record(JOINER_CLIENT, 100, 10, 1);
	record.duplicate = true;
	check_passed(&j, &record);
	record = joiner_record(JOINER_CLIENT, 100, 10, 1);
	record.key.src_port = record.key.dst_port = 0;
	check_passed(&j, &record);
	record.key.family = FLOW_OTHER;
	record.key.dst_port = 0x0806;
	check_passed(&j, &record);
	records_fill(&record, RECORDS_ICMP4);
	record.value.packets = 1;
	check_passed(&j, &record);
	records_fill(&record, RECORDS_ICMP6);
	record.value.packets = 1;
	check_passed(&j, &record);
	joiner_teardown(&j);
}

/* Other flows of the same hosts are not mixed in. */
static void
test_others(void)
{
	struct joiner j;
	struct record record;

	joiner_setup(&j, 16, false);
	joiner_push(&j, JOINER_CLIENT, 100, 10, 1);
	record = joiner_record(JOINER_SERVER, 200, 10, 2);
	record.key.protocol = IPPROTO_UDP;
	sink_push(&j.sink, &record);
	record = joiner_record(JOINER_SERVER, 200, 10, 3);
	record.key.dst_port++;
	sink_push(&j.sink, &record);
	record = joiner_record(JOINER_SERVER, 200, 10, 4);
	record.key.dst_addr[15]++;
	sink_push(&j.sink, &record);
	joiner_expect(&j, "");
	joiner_push(&j, JOINER_SERVER, 200, 10, 5);
	joiner_expect(&j, " c1/5");
	joiner_teardown(&j);
}

static void
add(void)
{
	g_test_add_func("/biflow/initiator", test_initiator);
	g_test_add_func("/biflow/life", test_life);
	g_test_add_func("/biflow/memory", test_memory);
	g_test_add_func("/biflow/arbitrary", test_arbitrary);
	g_test_add_func("/biflow/hold", test_hold);
	g_test_add_func("/biflow/max", test_max);
	g_test_add_func("/biflow/passes", test_passes);
	g_test_add_func("/biflow/others", test_others);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
