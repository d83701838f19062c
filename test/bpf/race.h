/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * race.h - two CPUs send while the table is scanned, and closed at random.
 *
 * Senders are threads, each on a CPU of its own, that run the kernel program on
 * bursts of packets of random flows.  Beside them scans of all kinds follow one
 * another as fast as they can, with timeouts of a tick and less.  If the probe
 * has a ring, what comes through it is accounted by overflow.  What was sent is
 * then compared with what was recorded, flow by flow.
 */
#ifndef RACE_H
#define RACE_H

#include "kernel.h"

enum { RACE_SENDERS = 2 };

struct race_args {
	uint32_t n_flows;	/* at most 65,536 */
	uint32_t n_packets;	/* of each sender, at least ... */
	uint32_t n_scans;	/* ... and until so many scans are over */
	uint32_t longest_burst; /* packets of a flow in one go */
	bool hasty;		/* without a grace period */
};

/* In packets and in octets. */
struct race_sum {
	uint64_t packets, octets;
};

struct race_result {
	struct race_sum sent;
	struct race_sum recorded;
	/* Of all flows that have less, or more, in records than was sent. */
	struct race_sum missing, surplus;
	struct flow_counters count;
	uint64_t n_records;
};

/* Begins with an empty table and leaves one.  The race is over when what is
 * still in the table has been reported: in records is then all that ever will
 * be, or the test fails. */
struct race_result race_run(struct probe *probe, const struct packet_case *c,
			    const struct race_args *args);

#endif
