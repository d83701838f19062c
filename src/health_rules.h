/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * health_rules.h - rules, and what they say it with.
 *
 * For health's own files only.
 */
#ifndef HEALTH_RULES_H
#define HEALTH_RULES_H

#include "health.h"

/* What a rule says of a snapshot. */
struct says {
	const struct snapshot *snapshot;
	GPtrArray *findings;
	bool problem;
};

/* Takes both. */
void health_say(const struct says *says, char *what, char *remedy);

uint64_t health_seconds(const struct snapshot *snapshot, uint64_t boot_ns);

/* Of a collector: */
typedef void health_rule(const struct says *says,
			 const struct snapshot_collector *collector);

health_rule health_down;
health_rule health_silent;
health_rule health_dropped;
health_rule health_queue;
health_rule health_dropped_once;

#endif
