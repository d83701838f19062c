/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stats.h"

void
stats_settle(struct stats *stats)
{
	stats->flows_active = stats->kernel.flows_created -
			      stats->flows_ended_idle - stats->flows_ended_tcp -
			      stats->flows_ended_forced -
			      stats->flows_ended_lack;
}

void
stats_each(const struct stats *stats,
	   void (*each)(const char *name, uint64_t value, const char *help,
			void *to),
	   void *to)
{
#define X(name, help) each(#name, stats->kernel.name, help, to);
	FLOW_COUNTERS(X)
#undef X
#define X(name, help) each(#name, stats->name, help, to);
	TABLE_COUNTERS(X)
#undef X
}
