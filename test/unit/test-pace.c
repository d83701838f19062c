/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>

#include "../tap.h"
#include "pace.h"

#define MS 1000000ULL

/* How many go at once. */
static unsigned
spend(struct pace *pace, unsigned most)
{
	unsigned n = 0;

	for (; n < most && pace_allows(pace); n++)
		pace_spend(pace);
	return n;
}

/* As fast as it goes. */
static void
test_off(void)
{
	struct pace pace = { 0 };

	pace_pass(&pace, MS, 0);
	g_assert_cmpuint(spend(&pace, 100000), ==, 100000);
}

static void
test_rate(void)
{
	struct pace pace = { .rate = 1000 };
	unsigned n = 0;

	for (uint64_t ms = 1; ms <= 10000; ms++) {
		pace_pass(&pace, ms * MS, 1000000);
		n += spend(&pace, 1000);
	}
	g_assert_cmpuint(n, >=, 10000 - 10);
	g_assert_cmpuint(n, <=, 10000 + 10);
	/* What was not needed is not saved up. */
	pace_pass(&pace, 60000 * MS, 0);
	g_assert_cmpuint(spend(&pace, 1000), ==, 10);
}

/* Less than one a tick. */
static void
test_slow(void)
{
	struct pace pace = { .rate = 3 };
	unsigned n = 0;

	for (uint64_t ms = 1; ms <= 10000; ms++) {
		pace_pass(&pace, ms * MS, 10);
		n += spend(&pace, 1000);
	}
	g_assert_cmpuint(n, >=, 30);
	g_assert_cmpuint(n, <=, 31);
}

/* A burst at once, then so many a millisecond, more when many records wait. */
static void
test_smooth(void)
{
	struct pace pace = { .smooth = true };

	pace_pass(&pace, MS, 0);
	g_assert_cmpuint(spend(&pace, 1000), ==, PACE_BURST);
	for (uint64_t ms = 2; ms < 10; ms++) {
		pace_pass(&pace, ms * MS, 100);
		g_assert_cmpuint(spend(&pace, 1000), ==, PACE_PER_MS);
	}
	pace_pass(&pace, 10 * MS, 40960);
	g_assert_cmpuint(spend(&pace, 1000), ==, PACE_PER_MS + 10);
}

static void
add(void)
{
	g_test_add_func("/pace/off", test_off);
	g_test_add_func("/pace/rate", test_rate);
	g_test_add_func("/pace/slow", test_slow);
	g_test_add_func("/pace/smooth", test_smooth);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
