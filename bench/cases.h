/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cases.h - what is measured of each contestant, round after round.
 *
 * In a round every contestant has its turn at every case, so that what else the
 * machine does falls on all alike.
 */
#ifndef CASES_H
#define CASES_H

#include <glib.h>

#include "report.h"
#include "runner.h"
#include "subject.h"

#define OURS "flowexport"

struct bench {
	struct report *report;
	struct runner *runner;
	GPtrArray *packets;  /* of struct packet_case */
	GArray *contestants; /* of struct contestant; the first is ours */
	int n_rounds, n_live_rounds;
};

/* By test runs.  Drops the figures of a first round, which warms up. */
void cases_run(struct bench *bench);

/* Under real traffic; from now on in a network namespace of its own. */
void cases_run_live(struct bench *bench);

#endif
