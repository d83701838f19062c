/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>

#include "../tap.h"
#include "loop.h"

static gboolean
on_work(void *to)
{
	g_usleep(GPOINTER_TO_UINT(to));
	return G_SOURCE_REMOVE;
}

static void
work(guint us)
{
	g_idle_add(on_work, GUINT_TO_POINTER(us));
	while (g_main_context_iteration(NULL, FALSE))
		;
}

static gboolean
on_waited(void *to)
{
	*(bool *)to = true;
	return G_SOURCE_REMOVE;
}

/* The longest turn counts, not the sum, and not the sleep between turns. */
static void
test_hold(void)
{
	bool waited = false;
	uint64_t idle_us;

	loop_watch();
	g_assert_cmpuint(loop_hold_us(), ==, 0);
	g_timeout_add(300, on_waited, &waited);
	while (!waited)
		g_main_context_iteration(NULL, TRUE);
	idle_us = loop_hold_us();
	work(50000);
	g_main_context_iteration(NULL, FALSE);
	g_assert_cmpuint(loop_hold_us(), >=, 50000);
	/* It slept for much longer than it was held. */
	g_assert_cmpuint(idle_us, <, 300000);
	loop_watch();
	g_assert_cmpuint(loop_hold_us(), ==, 0);
}

static void
add(void)
{
	g_test_add_func("/loop/hold", test_hold);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
