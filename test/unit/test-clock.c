/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../tap.h"
#include "clock.h"

static const struct instant now = {
	.boot_ns = 1000 * CLOCK_SECOND_NS,
	.wall_ns = 1700000000 * CLOCK_SECOND_NS,
	.tick_ns = 4000000,
	.tick = 50, /* soon after a wrap */
};

static void
test_age(void)
{
	g_assert_cmpuint(clock_age(&now, 50), ==, 0);
	g_assert_cmpuint(clock_age(&now, 49), ==, 1);
	g_assert_cmpuint(clock_age(&now, UINT32_MAX), ==, 51);
	/* stamped while we were reading the clock */
	g_assert_cmpuint(clock_age(&now, 51), ==, 0);
	g_assert_cmpuint(clock_age(&now, 50 + 14999), ==, 0);
	/* an hour ago, in the shortest ticks */
	struct instant precise = now;
	precise.tick_ns = 1024;
	uint32_t hour = 3600 * CLOCK_SECOND_NS / 1024;
	g_assert_cmpuint(clock_age(&precise, 50 - hour), ==, hour);
}

static void
test_of_tick(void)
{
	g_assert_cmpuint(clock_of_tick(&now, 50), ==, now.boot_ns);
	g_assert_cmpuint(clock_of_tick(&now, 25), ==,
			 now.boot_ns - 25 * now.tick_ns);
	g_assert_cmpuint(clock_of_tick(&now, 60), ==, now.boot_ns);
	/* older than the machine */
	g_assert_cmpuint(clock_of_tick(&now, 50 - 1000000), ==, 0);
}

static void
test_to_wall(void)
{
	g_assert_cmpuint(clock_to_wall(&now, now.boot_ns), ==, now.wall_ns);
	g_assert_cmpuint(clock_to_wall(&now, now.boot_ns - 5), ==,
			 now.wall_ns - 5);
	g_assert_cmpuint(clock_to_wall(&now, now.boot_ns + 5), ==,
			 now.wall_ns + 5);
}

static void
test_system(void)
{
	uint64_t boot = clock_boot_ns(), wall = clock_wall_ns();

	g_assert_cmpuint(clock_boot_ns(), >=, boot);
	g_assert_cmpuint(wall, >, 1700000000 * CLOCK_SECOND_NS);
	/* HZ is 24 to 1200 */
	g_assert_cmpuint(clock_jiffy_ns(), >=, CLOCK_SECOND_NS / 1200);
	g_assert_cmpuint(clock_jiffy_ns(), <=, CLOCK_SECOND_NS / 24);
}

static void
add(void)
{
	g_test_add_func("/clock/age", test_age);
	g_test_add_func("/clock/of-tick", test_of_tick);
	g_test_add_func("/clock/to-wall", test_to_wall);
	g_test_add_func("/clock/system", test_system);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
