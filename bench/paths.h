/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * paths.h - what flows cost that pass several interfaces: with dedupe off, and
 * merged.
 *
 * A round drains a table of PATHS_FLOWS flows, new ones, that PATHS_PER_FLOW
 * observation points saw, as far as messages that are taken and forgotten.  The
 * cases "points-off" and "points-merge" are for each flow, "points-ratio" is of
 * the two.
 */
#ifndef PATHS_H
#define PATHS_H

#include <stdbool.h>

#include "encode.h"
#include "report.h"

#define PATHS_FLOWS    65536
#define PATHS_PER_FLOW 4

struct paths;

/* ENCODER is IPFIX's, and lent. */
struct paths *paths_new(struct encoder *encoder);
void paths_free(struct paths *paths);

void paths_round(struct paths *paths, struct report *report);

/* Whether each flow came out as often as it should, with all its packets. */
bool paths_check(const struct paths *paths);

#endif
