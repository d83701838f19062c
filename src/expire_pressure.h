/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expire_pressure.h - a table that fills up: what is quiet longest ends early.
 *
 * For expire's own files only.  Above three quarters of what it is made for a
 * table is under pressure: each scan notes how long every flow has been quiet,
 * and chooses the instant before which the next one ends those whose last
 * packet was so long ago that five eighths remain.  A flow that talks each
 * second is left alone, until there are more of them than the table is made
 * for.  It is over when nothing had to end early for ten seconds.
 *
 * The instant does not move with the clock: a scan that comes late ends no more
 * than what was too much when it was chosen.
 */
#ifndef EXPIRE_PRESSURE_H
#define EXPIRE_PRESSURE_H

#include <stdbool.h>

#include "clock.h"

enum { PRESSURE_AGES = 240 }; /* of up to 2^31 ticks, each known to 1/8 */

struct pressure {
	uint32_t max;	  /* flows that the table is made for */
	uint32_t n_live;  /* that it had, last we heard */
	uint32_t n_least; /* of these since the last scan */
	bool on;
	bool chosen;	      /* BEFORE is */
	bool urgent;	      /* a scan has work, and should begin */
	uint32_t before;      /* tick: quiet since then is quiet too long */
	uint32_t began;	      /* tick at which the scan began */
	uint64_t relieved_ns; /* boot time at which it is over */
	uint32_t n_kept[PRESSURE_AGES]; /* flows that this scan left */
};

/* The table has N_LIVE flows; true: a scan should begin now. */
bool pressure_load(struct pressure *pressure, uint32_t n_live,
		   const struct instant *now);

/* While it is on: a scan begins, looks at every flow, is through. */
void pressure_scan(struct pressure *pressure, const struct instant *now);
bool pressure_ends(struct pressure *pressure, uint32_t last,
		   const struct instant *now);
void pressure_choose(struct pressure *pressure, const struct instant *now);

#endif
