/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expire.h - from the flow table to records: which flows are due, and why.
 *
 * The first stage behind the table, of whatever origin.  A flow lives in its
 * slot until it ends; an active one is reported by what has come since its last
 * report, so nothing is copied in between.
 *
 * A scan visits every slot, in steps that are short enough for the main loop.
 * What has ended is marked CLOSING; when the scan is through (or many are
 * marked) a grace period must pass, since a program may still be adding to a
 * slot that it found LIVE; then the slots are read, reported and released.
 * Counts are exact therefore, without a lock and without a system call a flow.
 */
#ifndef EXPIRE_H
#define EXPIRE_H

#include <stdbool.h>

#include "clock.h"
#include "flowtable.h"
#include "record.h"
#include "stats.h"

struct expire_timeouts {
	uint64_t idle_ns;   /* at most half an hour: ticks are modulo 2^32 */
	uint64_t active_ns; /* at most a day */
	/* TCP that saw FIN both ways, or RST, has ended so long after; 0: flags
	 * do not matter.  FIN one way will do where the other is not seen. */
	uint64_t tcp_end_ns;
};

enum expire_scan {
	EXPIRE_DUE,    /* idle and active timeouts */
	EXPIRE_REPORT, /* report every flow now, and keep it */
	EXPIRE_LACK,   /* end every flow now, for want of room */
	EXPIRE_DRAIN,  /* end every flow now, for good */
};

enum expire_state {
	EXPIRE_RESTING,	 /* no scan is under way */
	EXPIRE_SCANNING, /* expire_step() has work */
	EXPIRE_WAITING,	 /* for expire_grace_over() */
	EXPIRE_HARVESTING,
};

struct expire;

/* TABLE and STATS are lent for the stage's life. */
struct expire *expire_new(struct table *table,
			  const struct expire_timeouts *timeouts,
			  const struct sink *sink, struct stats *stats);
void expire_free(struct expire *expire);

/* Other timeouts: the next scan to begin looks at every flow. */
void expire_set(struct expire *expire, const struct expire_timeouts *timeouts);

/* Begins a scan.  While one is under way, EXPIRE_DUE is left to it; the others
 * follow it, the stronger one if both were asked for. */
void expire_begin(struct expire *expire, enum expire_scan scan);

/* One step of some thousand slots; the state that it leads to.  Flushes the
 * sink at the end of a scan. */
enum expire_state expire_step(struct expire *expire, const struct instant *now);

/* WAITING: nobody adds to a CLOSING slot any longer. */
void expire_grace_over(struct expire *expire);

/*
 * N_CREATED flows began in the table since it was made.  Above three quarters
 * of what it is made for, the table is pressed: scans end early, by END_LACK,
 * what is quiet longest.  True: begin a scan now.  Not to be told means that
 * nothing ends early.
 */
bool expire_load(struct expire *expire, uint64_t n_created,
		 const struct instant *now);
bool expire_is_pressed(const struct expire *expire);

/* What it knows of flows, lent for its life: for expire_survey.h. */
struct expire_view {
	const struct table *table;
	const struct reported *reported;
};

struct expire_view expire_look(const struct expire *expire);

#endif
