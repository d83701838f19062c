/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control_survey.h - a walk over the flows that are open, for a client.
 *
 * For control's own files only.  Beside everything else, in steps of a third of
 * a millisecond: 20 ms for the 131,072 flows of a full table.
 */
#ifndef CONTROL_SURVEY_H
#define CONTROL_SURVEY_H

#include "control_biggest.h"
#include "control_reply.h"
#include "pipeline.h"

struct survey {
	struct pipeline *pipeline; /* lent */
	void (*done)(void *to, struct survey *survey);
	void *to;

	/* The walk's own, and then its outcome: */
	uint64_t n_open;
	struct biggest biggest; /* of flows */
	GHashTable *traffic;	/* index → struct control_traffic */
	uint64_t at;
	uint64_t n_records; /* made when it began */
	unsigned tries;
	guint source;
};

/* Finds the biggest flows, and sums up those of each interface; calls DONE from
 * the main loop.  PIPELINE, DONE and TO are set. */
void survey_begin(struct survey *survey, const struct control_request *request);

/* Before or after it is done. */
void survey_clear(struct survey *survey);

#endif
