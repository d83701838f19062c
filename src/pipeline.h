/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipeline.h - the stages, put together: interfaces or captures in, collectors
 * out.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <glib.h>

#include "config.h"
#include "exporter.h"
#include "live.h"
#include "print.h"
#include "stats.h"

struct pipeline;

struct pipeline_args {
	const struct config *config; /* lent */
	struct print *print;	     /* lent; may be NULL */
	const char *const *files; /* captures, instead of interfaces; or NULL */
	const char *const *required; /* globs that must name interfaces */
	bool progress;		     /* of captures, on standard error */
	/* All that was observed is exported: after pipeline_stop(), or at the
	 * captures' end. */
	void (*done)(void *to);
	void *to;
};

/* Work is done from the main loop.  Fails when nothing can be observed. */
struct pipeline *pipeline_new(const struct pipeline_args *args, GError **error);
void pipeline_free(struct pipeline *pipeline);

/* Goes on with CONFIG, lent from now on instead of the one before, of whose
 * keys none that take a restart may differ.  False: nothing has changed.  NOTES
 * gets a line for what takes a restart all the same.  Not of captures, and not
 * once it is told to stop. */
bool pipeline_reload(struct pipeline *pipeline, const struct config *config,
		     GString *notes, GError **error);

/* Directories of template sets, NULL-terminated, the strongest first; only that
 * of FLOWEXPORT_TEMPLATES where the environment has it. */
const char *const *pipeline_template_dirs(void);

/* Reports every flow now, and keeps it. */
void pipeline_report(struct pipeline *pipeline);

/* Ends observation and exports what there is. */
void pipeline_stop(struct pipeline *pipeline);

/* Drops, and counts, all that is not exported yet: after this, the end. */
void pipeline_give_up(struct pipeline *pipeline);

/* What was wrong with captures, one a line; NULL: nothing. */
const char *pipeline_complaints(const struct pipeline *pipeline);

/* The counters as they are now. */
const struct stats *pipeline_stats(struct pipeline *pipeline);
void pipeline_each_collector(const struct pipeline *pipeline,
			     void (*each)(const struct exporter_state *state,
					  void *to),
			     void *to);

/* Every interface there is, in order of index; none of captures. */
void pipeline_each_interface(const struct pipeline *pipeline,
			     void (*each)(const struct observe_state *state,
					  void *to),
			     void *to);

/* Lent for its life; NULL: captures are read. */
struct live *pipeline_live(struct pipeline *pipeline);

#endif
