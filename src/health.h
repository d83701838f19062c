/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * health.h - whether all is well, and if not, what to do about it.
 *
 * A table of rules over a snapshot; each speaks for itself.  Problems are what
 * costs data now or may soon; notes are what an operator may want to know.
 */
#ifndef HEALTH_H
#define HEALTH_H

#include <glib.h>

#include "snapshot.h"

struct finding {
	bool problem; /* or else a note */
	char *what;   /* is the matter, and why */
	char *remedy; /* what to do; NULL: nothing */
};

/* Of struct finding *, problems first.  Empty: all is well. */
GPtrArray *health_judge(const struct snapshot *snapshot);

/* How it stands with a collector, in a word. */
const char *health_collector(const struct exporter_state *state);

#endif
