/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipeline_stages.h - the stages of a pipeline, and what each is told of the
 * configuration, when they are made and when that changes.
 *
 * For pipeline's own files only.
 */
#ifndef PIPELINE_STAGES_H
#define PIPELINE_STAGES_H

#include "agent.h"
#include "decorate.h"
#include "dedupe.h"
#include "live.h"
#include "pipeline.h"
#include "pipeline_fan.h"
#include "points.h"
#include "replay.h"

struct pipeline {
	struct pipeline_args args;
	struct iftable *iftable;
	struct meter *meter;
	struct agent *agent;   /* whose address is in it */
	struct live *live;     /* either this ... */
	struct replay *replay; /* ... or that */
	struct dedupe *dedupe; /* NULL: of captures, as ... */
	struct points *points; /* ... that is */
	struct decorate *decorate;
	struct fan *fan;
	struct stats stats;
	bool extremes;	 /* of packets: the table was made to keep them */
	bool consistent; /* sampling takes the same ones at each point */
	int64_t stop_us; /* when we were told to; 0: not yet */
	guint drain_timer;
};

/* Makes the stages, the last first; all but the agent. */
bool stages_build(struct pipeline *pipeline, GError **error);

/* What they make of CONFIG; its strings are lent. */
struct live_settings stages_live(const struct pipeline *pipeline,
				 const struct config *config);
struct agent_args stages_agent(const struct pipeline *pipeline,
			       const struct config *config);

/* Tells them to who tells collectors. */
void stages_timeouts(struct pipeline *pipeline, const struct config *config);

/* All is in the exporters' hands: wait until it is in the kernel's. */
void pipeline_is_done(void *pipeline);

#endif
