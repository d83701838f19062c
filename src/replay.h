/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay.h - the head of the walk over captures: files, a table, its scans.
 *
 * Stands where live.h stands for interfaces.  Scans run at packet time, as
 * often as they would live, so that timeouts mean the same; a table that is
 * full is emptied (flowEndReason 5), so that no packet is lost.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include <glib.h>

#include "expire.h"

struct replay_args {
	const char *const *files; /* lent */
	uint32_t flows_max;
	bool extremes; /* of packets are kept */
	struct expire_timeouts timeouts;
	uint64_t scan_interval_ns;
	struct sink sink;
	struct stats *stats; /* lent */
	/* Whether what was pushed still waits: reading does so, too. */
	bool (*busy)(void *to);
	bool progress;	     /* show it on standard error, a terminal */
	void (*done)(void *to);
	void *to;
};

struct replay;

/* Reads from the main loop's idle time; DONE when all is in the sink. */
struct replay *replay_new(const struct replay_args *args);
void replay_free(struct replay *replay);

/* Reads no further; DONE comes all the same. */
void replay_stop(struct replay *replay);
void replay_report(struct replay *replay);

/* What was wrong with the files, one a line; NULL: nothing. */
const char *replay_complaints(const struct replay *replay);

#endif
