/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Templates go out again: by messages, by time, and at the beginning. */
#include "../exporting.h"
#include "../tap.h"
#include "../udp.h"
#include "clock.h"

static void
test_refresh_by_messages(void)
{
	struct exporting f;

	exporting_setup(&f, 600000, 3);
	for (int i = 0; i < 4; i++)
		exporting_push_flush(&f, 1);
	exporting_expect(&f, "TDDDTD");
	exporting_push_flush(&f, 5 * EXPORTING_PER_MESSAGE);
	exporting_expect(&f, "DDTDDD-");
	exporting_teardown(&f);
}

static void
test_refresh_never(void)
{
	struct exporting f;

	exporting_setup(&f, 0, 0);
	for (int i = 0; i < 50; i++)
		exporting_push_flush(&f, 1);
	exporting_expect(
		&f, "TDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD-");
	exporting_teardown(&f);
}

/* Without flows, too, and more often than at 1, 5, 15 and 60 s if asked. */
static void
test_refresh_by_time(void)
{
	struct exporting f;
	int64_t begin = g_get_monotonic_time();

	exporting_setup(&f, 100, 4096);
	udp_loop_until(&exporter_stats(f.exporter)->messages_sent, 6);
	g_assert_cmpint(g_get_monotonic_time() - begin, >=, 590000);
	exporting_expect(&f, "TTTTTT-");
	exporting_teardown(&f);
}

/* A collector may start a moment later than we do. */
static void
test_again_soon(void)
{
	struct exporting f;
	int64_t begin = g_get_monotonic_time();

	exporting_setup(&f, 0, 4096);
	exporting_push_flush(&f, 1);
	exporting_expect(&f, "TD");
	udp_loop_until(&exporter_stats(f.exporter)->messages_sent, 3);
	g_assert_cmpint(g_get_monotonic_time() - begin, >=, 990000);
	exporting_expect(&f, "T-");
	exporting_teardown(&f);
}

/* What was measured before templates went out again leaves before them. */
static void
test_order(void)
{
	struct exporting f;

	exporting_setup(&f, 50, 4096);
	exporting_push(&f, 1);
	udp_loop_until(&exporter_stats(f.exporter)->messages_sent, 3);
	exporting_expect(&f, "TDT");
	exporting_teardown(&f);
}

/* For so long the machine was asleep. */
static uint64_t asleep_ns;

uint64_t __wrap_clock_asleep_ns(void); /* by the linker, for the real one */

uint64_t
__wrap_clock_asleep_ns(void)
{
	return asleep_ns;
}

/* Templates do not live for ever, and the timer stood still: once more, and
 * again soon, for the network may not be there yet. */
static void
test_slept(void)
{
	struct exporting f;

	exporting_setup(&f, 600000, 4096);
	exporting_push_flush(&f, 1);
	exporting_expect(&f, "TD");
	asleep_ns += CLOCK_SECOND_NS / 10;
	exporting_push_flush(&f, 1);
	exporting_expect(&f, "D-");
	asleep_ns += 3600 * CLOCK_SECOND_NS;
	exporting_push_flush(&f, 1);
	exporting_push_flush(&f, 1);
	exporting_expect(&f, "TDD-");
	udp_loop_until(&exporter_stats(f.exporter)->messages_sent, 7);
	exporting_expect(&f, "T-");
	exporting_teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/exporter/refresh-by-messages",
			test_refresh_by_messages);
	g_test_add_func("/exporter/refresh-never", test_refresh_never);
	g_test_add_func("/exporter/refresh-by-time", test_refresh_by_time);
	g_test_add_func("/exporter/again-soon", test_again_soon);
	g_test_add_func("/exporter/order", test_order);
	g_test_add_func("/exporter/slept", test_slept);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
