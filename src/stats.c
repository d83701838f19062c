/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stats.h"

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
