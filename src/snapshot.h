/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot.h - everything that there is to say about us, at one moment.
 *
 * Made by monitor; health judges it and control shows it.  It is plain data,
 * and what it points to is good until the main loop goes on.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "exporter.h"
#include "observe.h"
#include "stats.h"

#define SNAPSHOT_LATELY_S 60 /* what happened "lately" */
#define SNAPSHOT_RATE_S	  5  /* rates are of the last so many seconds */

struct snapshot_gain {
	uint64_t total;	 /* since we began */
	uint64_t lately; /* of these */
};

struct snapshot_collector {
	struct exporter_state state;
	struct snapshot_gain dropped; /* records */
};

struct snapshot {
	uint64_t boot_ns; /* now */
	uint64_t uptime_ns;
	const char *kernel;  /* its release */
	const char *method;  /* "tcx", "tc", "tcx and tc" or "none" */
	bool wants_tc;	     /* the configuration does */
	bool wants_overflow; /* so does it */
	bool has_overflow;   /* and the kernel has ring buffers for it */
	bool partitioned;    /* the kernel has no compare-and-swap */

	const struct stats *stats;
	double packets_s, octets_s, records_s; /* a second */
	struct snapshot_gain unaccounted;      /* packets */
	struct snapshot_gain overflowed;       /* packets */
	struct snapshot_gain lack;	       /* flows that ended for it */

	uint64_t flows_max;    /* the table is made for so many */
	uint64_t flows_peak;   /* the most there were at once */
	uint64_t flows_demand; /* the most there would have been, with room */

	uint64_t stepped_boot_ns; /* when the clock was set last; 0: never */
	int64_t stepped_ns;	  /* and by how much */

	guint n_observed, n_failed, n_pending; /* interfaces */
	guint n_tcx;			       /* of those observed */
	GArray *interfaces;		       /* of struct observe_state */
	GArray *collectors; /* of struct snapshot_collector */
};

#endif
