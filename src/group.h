/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * group.h - collectors that share a load: which of them gets a record.
 *
 * Between the fork of the walk and the exporters.  A group is what collectors
 * name in their "group", and its mode is theirs:
 *
 *	mirror    each gets every record (no group is made)
 *	balance   by flow: both directions go to the same one, wherever they were
 *	          seen; when one is down, only its own flows go elsewhere
 *	failover  the first, in the order of the configuration, that is up
 *
 * Health is looked at when a burst begins.  One that was down gets records
 * again after it was up for the hold-down; while all are down, those wait that
 * would have them otherwise.  What waits for a collector stays with it.
 */
#ifndef GROUP_H
#define GROUP_H

#include <glib.h>
#include <stdbool.h>

#include "collector.h"
#include "record.h"

struct group_member {
	struct sink sink;
	bool (*healthy)(void *to);
	void *to;
};

/* All groups of a configuration; NOW_NS tells the time for hold-downs. */
struct groups;

struct groups *groups_new(uint64_t (*now_ns)(void));
void groups_free(struct groups *groups);

/* What BEFORE knows of the health of members that both have. */
void groups_inherit(struct groups *groups, const struct groups *before);

/* MEMBER, which is COLLECTOR's, joins its group.  Whether *SINK is now a branch
 * of the walk that was not there before: the group's first, or its own. */
bool groups_join(struct groups *groups, const struct collector *collector,
		 const struct group_member *member, struct sink *sink);

#endif
