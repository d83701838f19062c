/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observations.h - what a scan tells of flows, given to a dedupe stage, and
 * what comes out of it, as text.
 */
#ifndef OBSERVATIONS_H
#define OBSERVATIONS_H

#include <glib.h>

#include "clock.h"
#include "dedupe.h"

struct observations {
	struct iftable *iftable;
	struct dedupe *dedupe;
	struct sink sink;
	struct stats stats;
	GString *out;
	guint n_records, n_flushes;
	uint64_t wall_ns; /* at boot time 0 */
};

/* A flow by its number, where and when it was seen. */
struct observation {
	uint16_t flow;
	uint32_t at; /* index of the interface ... */
	uint8_t direction;
	uint32_t from;	     /* ... and what it came in by before that */
	uint64_t start, end; /* milliseconds since boot */
	uint64_t first;	     /* when it began there; 0: at start */
	uint32_t packets;
	uint32_t before;	/* packets that were reported before */
	enum end_reason reason; /* by default END_ACTIVE */
	uint16_t vlan_id;
	uint8_t tos;
};

/* With dedupe.expire at 30 s, flows.active_timeout at 60 s. */
struct observations *observations_new(enum dedupe_mode mode);
struct observations *observations_new_for(enum dedupe_mode mode,
					  uint64_t expire_ns,
					  uint32_t flows_max);
void observations_free(struct observations *o);

/* An interface that is there since boot. */
struct iface *observations_add(struct observations *o, uint32_t index,
			       enum iface_kind kind, uint32_t master);

void observations_push(struct observations *o,
		       const struct observation *observation);

#define see(o, ...)                                                            \
	observations_push(o, &(const struct observation){ __VA_ARGS__ })

/* The scan is over: what came out since the last one was FLOW@INTERFACE for
 * each record, with "<" and ">" behind it for ingress and egress, the number of
 * its packets, and "*" if it is a duplicate; in merge also " IN-OUT".
 * NULL: anything. */
void observations_expect(struct observations *o, const char *text);

#endif
