/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live.h - the head of the walk over interfaces: programs, their table, scans.
 *
 * Owns the probe and the expire stage, and drives them from the main loop: a
 * scan each interval, in steps, and the grace period beside the loop.
 */
#ifndef LIVE_H
#define LIVE_H

#include <glib.h>

#include "expire.h"
#include "observe.h"
#include "overflow.h"

struct live_settings {
	struct observe_args observe;
	struct expire_timeouts timeouts;
	uint64_t scan_interval_ns;
};

struct live_args {
	struct live_settings settings;
	struct iftable *iftable; /* filled here; lent */
	struct probe_args probe;
	struct sink sink;
	struct stats *stats; /* lent */
	/* Whether what was pushed still waits: records may as well do so in
	 * the table. */
	bool (*busy)(void *to);
	void (*done)(void *to);
	void *to;
};

struct live;

/* Some interface is observed when this returns, and soon all are. */
struct live *live_new(const struct live_args *args, GError **error);
void live_free(struct live *live);

/* Goes on with other settings, from the next scan on; what stays selected stays
 * attached to as it is.  What is in them is lent as it was to live_new(). */
void live_set(struct live *live, const struct live_settings *settings);

/* Reports every flow now, and keeps it. */
void live_report(struct live *live);

/* Detaches, hands the sink all that the kernel holds, then calls DONE. */
void live_stop(struct live *live);

/* What it drives, lent for its life, and the time. */
struct live_view {
	const struct live_args *args;
	const struct observe *observe;
	struct probe *probe;
	const struct expire *expire;
	const struct overflow *overflow; /* NULL: there is none */
	struct instant now;
};

struct live_view live_look(struct live *live);

/* Hands EACH some of the flows that are open, from *AT (at first 0) on, as what
 * came since their last report; a third of a millisecond's work.  False: that
 * was all. */
bool live_survey(struct live *live, uint64_t *at,
		 void (*each)(const struct record *record, void *to), void *to);

/* Reads the programs' counters into the stats. */
void live_count(struct live *live);

#endif
