/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * points.h - what flows cost that pass several interfaces: with dedupe off, and
 * merged.
 *
 * A round drains a table of POINTS_FLOWS flows, new ones, that POINTS_PER_FLOW
 * observation points saw, as far as messages that are taken and forgotten.  The
 * cases "points-off" and "points-merge" are for each flow, "points-ratio" is of
 * the two.
 */
#ifndef POINTS_H
#define POINTS_H

#include <stdbool.h>

#include "encode.h"
#include "report.h"

#define POINTS_FLOWS	65536
#define POINTS_PER_FLOW 4

struct points;

/* ENCODER is IPFIX's, and lent. */
struct points *points_new(struct encoder *encoder);
void points_free(struct points *points);

void points_round(struct points *points, struct report *report);

/* Whether each flow came out as often as it should, with all its packets. */
bool points_check(const struct points *points);

#endif
