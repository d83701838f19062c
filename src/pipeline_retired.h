/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipeline_retired.h - exporters that get no more records, until what they have
 * is delivered.
 *
 * For pipeline's own files only.  Each has RETIRED_MS to deliver it, beside the
 * main loop's other work; what it has not delivered then is dropped, and
 * counted.  Its counters are a line in the log, since they go with it.
 */
#ifndef PIPELINE_RETIRED_H
#define PIPELINE_RETIRED_H

#include "exporter.h"

enum { RETIRED_MS = 4000 };

struct retired;

/* FREE is what an exporter ends with. */
struct retired *retired_new(void (*free)(void *exporter));

/* Ends those that are left, as they are. */
void retired_free(struct retired *retired);

/* EXPORTER is ours now. */
void retired_add(struct retired *retired, struct exporter *exporter);

/* So is METER, of which the records of those added so far tell. */
void retired_add_meter(struct retired *retired, struct meter *meter);

bool retired_is_empty(const struct retired *retired);

/* They have no more time. */
void retired_give_up(struct retired *retired);

#endif
