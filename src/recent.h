/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recent.h - what a counter gained in the last seconds.
 *
 * It is looked at once a second; half a kilobyte a counter.
 */
#ifndef RECENT_H
#define RECENT_H

#include <stdint.h>

#define RECENT_MAX_S 60

struct recent {
	uint64_t at[RECENT_MAX_S + 1]; /* a ring */
	uint64_t n;		       /* looks, ever */
};

/* A second has passed, and the counter is VALUE; if that is less than before,
 * it began anew. */
void recent_look(struct recent *recent, uint64_t value);

/* At the last look; 0: there was none. */
uint64_t recent_last(const struct recent *recent);

/* What it gained in the last so many seconds, or in all that we know of. */
uint64_t recent_gain(const struct recent *recent, unsigned seconds);

/* The same, for each of these seconds. */
double recent_rate(const struct recent *recent, unsigned seconds);

#endif
