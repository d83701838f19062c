/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.h - the daemon's counters: named, explained and counted once.
 *
 * Those of the kernel programs come from FLOW_COUNTERS (bpf/flow.h).  Everybody
 * who shows counters goes through stats_each().
 */
#ifndef STATS_H
#define STATS_H

#include <stdint.h>

#include "../bpf/flow.h"

#define TABLE_COUNTERS(X)                                                      \
	X(flows_active, "flows in the table now")                              \
	X(flows_max, "flows that there is room for")                           \
	X(flows_ended_idle, "flows that went quiet (flowEndReason 1)")         \
	X(flows_ended_active, "reports of flows still active (2)")             \
	X(flows_ended_tcp, "flows that TCP ended (3)")                         \
	X(flows_ended_forced, "flows ended because we stop (4)")               \
	X(flows_ended_lack, "flows ended for want of room (5)")                \
	X(packets_recorded, "packets in records made")                         \
	X(octets_recorded, "layer 3 octets in records made")                   \
	X(records_made, "records made")                                        \
	X(records_duplicate, "records of what was seen elsewhere first")       \
	X(packets_duplicate, "packets in duplicate records")                   \
	X(octets_duplicate, "layer 3 octets in duplicate records")             \
	X(loop_hold, "longest turn of the main loop, in microseconds")

struct stats {
	struct flow_counters kernel; /* the sum over all CPUs */
#define X(name, help) uint64_t name;
	TABLE_COUNTERS(X)
#undef X
};

/* Works out what follows from other counters: flows_active. */
void stats_settle(struct stats *stats);

void stats_each(const struct stats *stats,
		void (*each)(const char *name, uint64_t value, const char *help,
			     void *to),
		void *to);

#endif
