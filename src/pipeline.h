/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipeline.h - the stages, put together: interfaces in, collectors out.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <glib.h>

#include "config.h"
#include "print.h"
#include "stats.h"
#include "transport.h"

struct pipeline;

/* CONFIG is lent for the pipeline's life; PRINT may be NULL.  Observation
 * begins when this returns.  Fails when nothing can be observed, or when one of
 * the globs REQUIRED (NULL-terminated, may be NULL) names no interface. */
struct pipeline *pipeline_new(const struct config *config, struct print *print,
			      const char *const *required, GError **error);
void pipeline_free(struct pipeline *pipeline);

/* Directories of template sets, NULL-terminated, the strongest first; only that
 * of FLOWEXPORT_TEMPLATES where the environment has it. */
const char *const *pipeline_template_dirs(void);

/* Reports every flow now, and keeps it. */
void pipeline_report(struct pipeline *pipeline);

/* Detaches, exports what the kernel holds, then calls DONE once. */
void pipeline_stop(struct pipeline *pipeline, void (*done)(void *to), void *to);

/* The counters as they are now. */
const struct stats *pipeline_stats(struct pipeline *pipeline);
void pipeline_each_collector(const struct pipeline *pipeline,
			     void (*each)(const struct collector *collector,
					  const struct transport_stats *stats,
					  void *to),
			     void *to);

#endif
