/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * points.h - counts what each observation point reports, and passes it on.
 *
 * Between expire and dedupe, where each interface and direction still speaks
 * for itself.  The sums stand in iftable; a record costs one lookup there.
 */
#ifndef POINTS_H
#define POINTS_H

#include "iftable.h"
#include "record.h"

struct points;

/* TABLE is lent for the stage's life. */
struct points *points_new(const struct iftable *table, const struct sink *sink);
void points_free(struct points *points);
struct sink points_sink(struct points *points);

#endif
