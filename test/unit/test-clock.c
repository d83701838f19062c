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

/* An hour of sleep, in which boot time goes on and ticks do not. */
static void
test_sleep(void)
{
	const uint64_t hour = 3600 * CLOCK_SECOND_NS;
	struct clock clock = { 0 };
	struct instant before = now, after = now, later;

	clock_set(&clock, &before);
	clock_keep(&clock, &before);
	g_assert_cmpuint(before.slept_ns, ==, 0);
	after.boot_ns += hour + 100 * before.tick_ns;
	after.tick += 100;
	clock_keep(&clock, &after);
	g_assert_cmpuint(after.slept_ns, ==, hour);
	/* before and after the sleep */
	g_assert_cmpuint(clock_of_tick(&after, 45), ==,
			 now.boot_ns - 5 * now.tick_ns);
	g_assert_cmpuint(clock_age_ns(&after, 45), ==,
			 hour + 105 * now.tick_ns);
	g_assert_cmpuint(clock_of_tick(&after, 140), ==,
			 after.boot_ns - 10 * now.tick_ns);
	g_assert_cmpuint(clock_age_ns(&after, 140), ==, 10 * now.tick_ns);
	g_assert_cmpuint(clock_to_wall(&after, after.boot_ns), ==,
			 now.wall_ns + hour + 100 * now.tick_ns);
	/* awake since */
	later = after;
	later.boot_ns += CLOCK_SECOND_NS;
	later.tick += 250;
	clock_keep(&clock, &later);
	g_assert_cmpuint(clock_of_tick(&later, 45), ==,
			 now.boot_ns - 5 * now.tick_ns);
	/* for so long that ticks come round */
	for (int i = 0; i < 12; i++) {
		later.boot_ns += UINT64_C(0x10000000) * later.tick_ns;
		later.tick += 0x10000000;
		clock_keep(&clock, &later);
		g_assert_cmpuint(clock_of_tick(&later, later.tick), ==,
				 later.boot_ns);
	}
	g_assert_cmpuint(later.slept_ns, ==, 0);
}

/* NTP sets the wall clock: times move when the next scan begins, all of them.
 */
static void
test_set(void)
{
	static const int64_t steps_ns[] = { -3600, 3600, -1, 0, 86400 };
	struct clock clock = { 0 };
	struct instant at = now;

	for (size_t i = 0; i < G_N_ELEMENTS(steps_ns); i++) {
		uint64_t wall_ns = at.wall_ns;
		struct instant look;

		clock_set(&clock, &at);
		at.boot_ns += 20 * at.tick_ns;
		at.tick += 20;
		at.wall_ns += 20 * at.tick_ns + steps_ns[i] * CLOCK_SECOND_NS;
		look = at;
		clock_keep(&clock, &look);
		g_assert_cmpuint(look.wall_ns, ==, wall_ns + 20 * at.tick_ns);
		g_assert_cmpuint(look.slept_ns, ==, 0);
		clock_set(&clock, &at);
		clock_keep(&clock, &look);
		g_assert_cmpuint(look.wall_ns, ==, at.wall_ns);
	}
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
	g_test_add_func("/clock/sleep", test_sleep);
	g_test_add_func("/clock/set", test_set);
	g_test_add_func("/clock/system", test_system);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
