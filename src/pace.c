/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pace.h"

#include <glib.h>

#define NS_PER_MS 1000000.0

/* Of the records that wait, one in so many goes each millisecond: with some 16
 * to a message, the backlog is a third of itself after a quarter of a second.
 */
#define SHARE (16 * 256.0)

static double
per_ms(const struct pace *pace, size_t n_waiting)
{
	return pace->rate ? pace->rate / 1000.0
			  : PACE_PER_MS + n_waiting / SHARE;
}

void
pace_pass(struct pace *pace, uint64_t now_ns, size_t n_waiting)
{
	double speed = per_ms(pace, n_waiting);
	/* Ten milliseconds' worth: as precise as a loop's timers are. */
	double most =
		pace->rate ? MAX(1, 10 * speed) : MAX(PACE_BURST, 2 * speed);

	if (pace->last_ns == 0)
		pace->tokens = most;
	else
		pace->tokens += speed * (now_ns - pace->last_ns) / NS_PER_MS;
	pace->tokens = MIN(pace->tokens, most);
	pace->last_ns = now_ns;
}

bool
pace_allows(const struct pace *pace)
{
	return (!pace->rate && !pace->smooth) || pace->tokens >= 1;
}

void
pace_spend(struct pace *pace)
{
	pace->tokens -= 1;
}
