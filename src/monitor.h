/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor.h - looks at a pipeline once a second, to tell how it goes.
 *
 * Beside the walk: it reads what the stages know and changes nothing.  It keeps
 * a minute of some counters, and the demand for flows since it began.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include "pipeline.h"
#include "snapshot.h"

struct monitor;

/* PIPELINE, of interfaces, is lent. */
struct monitor *monitor_new(struct pipeline *pipeline);
void monitor_free(struct monitor *monitor);

/* How it is now: lent, until the next look or the main loop goes on. */
const struct snapshot *monitor_look(struct monitor *monitor);

#endif
