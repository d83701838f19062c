/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dedupe.h - a packet that passes several interfaces is reported once.
 *
 * Between expire and decorate.  Every observation point (interface and
 * direction) that a flow passes has a slot of its own in the flow table, and
 * makes records of its own.  The flow's owner is the point that saw it first;
 * what others tell of it are duplicates.  Ports of one bond or team count as
 * one point: they share the flow's packets.
 *
 * Records of one scan come in the order of the table, not of time, and some
 * that tell of the same packets are due a scan later.  So all are held until
 * their scan is over, and the first ones of a flow until the next one is: then
 * all that see it have spoken, and its owner is settled.
 *
 * When the owner is quiet it gives up, and whoever speaks takes over:
 *   - with a record that began after all that the owner told of.  The two saw
 *     no packet in common, then: nothing is lost and nothing counted twice.
 *     Who first saw the flow in its new place speaks soon, and goes before who
 *     saw it all the time.  Of these a record waits for one and a half active
 *     timeouts, unless the owner's interface is gone: a flow may have ended at
 *     one of its points, and not yet at the other, and by then the owner, which
 *     reports each active timeout, has told of what both saw.
 *   - with a record that goes on for longer than expire_ns after the owner's
 *     last packet; than active_ns, if that is longer and neither the owner's
 *     slot nor its interface is gone.  What both saw since that record began is
 *     counted twice; but what the other alone saw until then is taken for a
 *     duplicate.
 * A flow that is quiet everywhere for expire_ns begins anew.
 *
 * ingressInterface and egressInterface are IP interfaces: those between which
 * the packets were routed or bridged, not their ports.  They are the first that
 * the flow left by, and where the kernel has it from; failing that, the last
 * that it came in by.  Later records of a flow have what was learned earlier.
 *
 * Takes 136 octets for each of flows_max, and 264 for each record that waits.
 * Once held_max wait, others are judged as they come; a flow that is forgotten
 * for want of room begins anew.
 */
#ifndef DEDUPE_H
#define DEDUPE_H

#include "iftable.h"
#include "record.h"
#include "stats.h"

enum dedupe_mode {
	DEDUPE_OFF,   /* all records, as they come: takes no memory */
	DEDUPE_MERGE, /* the owner's records, with both interfaces */
	DEDUPE_DROP,  /* the owner's records, as they are */
	DEDUPE_MARK,  /* all records, and .duplicate says which are */
};

enum { DEDUPE_HELD_MAX = 131072 };

struct dedupe_args {
	enum dedupe_mode mode;
	uint64_t expire_ns;
	uint64_t active_ns; /* the timeout of that name */
	uint32_t flows_max;
	uint32_t held_max;
	const struct iftable *iftable; /* lent, as is STATS */
	struct sink sink;
	struct stats *stats;
	uint64_t (*now_ns)(void); /* boot time */
};

struct dedupe;

struct dedupe *dedupe_new(const struct dedupe_args *args);
void dedupe_free(struct dedupe *dedupe);

/* Goes on with other settings, by which those that wait are judged, too; with
 * DEDUPE_OFF at the next flush. */
void dedupe_set(struct dedupe *dedupe, enum dedupe_mode mode,
		uint64_t expire_ns, uint64_t active_ns);

/* No scan comes any more: all that wait go on, and the sink is flushed. */
void dedupe_end(struct dedupe *dedupe);
struct sink dedupe_sink(struct dedupe *dedupe);

#endif
