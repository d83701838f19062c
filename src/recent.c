/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recent.h"

#include <glib.h>

uint64_t
recent_last(const struct recent *recent)
{
	return recent->n ? recent->at[(recent->n - 1) %
				      G_N_ELEMENTS(recent->at)]
			 : 0;
}

void
recent_look(struct recent *recent, uint64_t value)
{
	if (value < recent_last(recent))
		recent->n = 0;
	recent->at[recent->n++ % G_N_ELEMENTS(recent->at)] = value;
}

/* As far back as we know. */
static unsigned
known(const struct recent *recent, unsigned seconds)
{
	uint64_t n = MIN(seconds, RECENT_MAX_S);

	return recent->n ? MIN(n, recent->n - 1) : 0;
}

uint64_t
recent_gain(const struct recent *recent, unsigned seconds)
{
	const uint64_t n = known(recent, seconds);
	const uint64_t last = recent->n - 1;

	if (!n)
		return 0;
	return recent->at[last % G_N_ELEMENTS(recent->at)] -
	       recent->at[(last - n) % G_N_ELEMENTS(recent->at)];
}

double
recent_rate(const struct recent *recent, unsigned seconds)
{
	const unsigned n = known(recent, seconds);

	return n ? (double)recent_gain(recent, n) / n : 0;
}
