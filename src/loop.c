/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loop.h"

/* A poll function is called without an argument of ours. */
static int64_t polled_us; /* when the last poll returned; 0: not yet */
static int64_t hold_us;

static gint
poll_and_watch(GPollFD *fds, guint n, gint timeout_ms)
{
	gint result;

	if (polled_us)
		hold_us = MAX(hold_us, g_get_monotonic_time() - polled_us);
	result = g_poll(fds, n, timeout_ms);
	polled_us = g_get_monotonic_time();
	return result;
}

void
loop_watch(void)
{
	polled_us = hold_us = 0;
	g_main_context_set_poll_func(NULL, poll_and_watch);
}

uint64_t
loop_hold_us(void)
{
	return hold_us;
}
