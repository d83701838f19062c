/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../tap.h"
#include "recent.h"

static void
test_gain(void)
{
	struct recent recent = { 0 };

	g_assert_cmpuint(recent_last(&recent), ==, 0);
	g_assert_cmpuint(recent_gain(&recent, 5), ==, 0);
	g_assert_cmpfloat(recent_rate(&recent, 5), ==, 0);
	recent_look(&recent, 1000);
	g_assert_cmpuint(recent_gain(&recent, 5), ==, 0);
	recent_look(&recent, 1010);
	recent_look(&recent, 1030);
	g_assert_cmpuint(recent_last(&recent), ==, 1030);
	g_assert_cmpuint(recent_gain(&recent, 0), ==, 0);
	g_assert_cmpuint(recent_gain(&recent, 1), ==, 20);
	g_assert_cmpuint(recent_gain(&recent, 2), ==, 30);
	g_assert_cmpuint(recent_gain(&recent, 5), ==, 30);
	g_assert_cmpfloat(recent_rate(&recent, 5), ==, 15);
}

static void
test_ring(void)
{
	struct recent recent = { 0 };

	for (uint64_t i = 0; i < 1000; i++) {
		recent_look(&recent, i * i);
		for (unsigned s = 1; s <= MIN(i, RECENT_MAX_S); s++)
			g_assert_cmpuint(recent_gain(&recent, s), ==,
					 i * i - (i - s) * (i - s));
	}
	g_assert_cmpuint(recent_gain(&recent, 1000), ==,
			 recent_gain(&recent, RECENT_MAX_S));
}

/* A collector of the same name, say, that came anew. */
static void
test_anew(void)
{
	struct recent recent = { 0 };

	recent_look(&recent, 10);
	recent_look(&recent, 500);
	recent_look(&recent, 3);
	g_assert_cmpuint(recent_gain(&recent, 60), ==, 0);
	recent_look(&recent, 5);
	g_assert_cmpuint(recent_gain(&recent, 60), ==, 2);
}

static void
add(void)
{
	g_test_add_func("/recent/gain", test_gain);
	g_test_add_func("/recent/ring", test_ring);
	g_test_add_func("/recent/anew", test_anew);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
