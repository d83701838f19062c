/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expire_record.h - a slot's flow as a record: what came since the last one.
 *
 * For expire's own files only.  What was reported before stands in the daemon's
 * memory, since the kernel's lines have one writer: 20 octets a slot, of which
 * a flow that is reported only when it ends touches four.
 */
#ifndef EXPIRE_RECORD_H
#define EXPIRE_RECORD_H

#include <stdbool.h>

#include "clock.h"
#include "flowtable.h"
#include "record.h"

#define NS_PER_MS 1000000ULL

/* All of a flow, when it was last reported. */
struct reported_sum {
	uint64_t octets;
	uint32_t packets;
};

struct reported {
	/* For each slot: 0, its flow was never seen; else the boot time since
	 * when it gathers, modulo 2^31, and REPORTED_BEFORE. */
	uint32_t *since_ms;
	struct reported_sum *sum; /* if so marked */
};

#define REPORTED_BEFORE 0x80000000

void reported_init(struct reported *reported, uint32_t n_slots);
void reported_clear(struct reported *reported);

/* Fills RECORD but for its end reason; false: there is nothing new. */
bool expire_record(const struct table *table, uint32_t slot,
		   const struct reported *reported, const struct instant *now,
		   struct record *record);

/* How long the flow has gathered since its last report, or its first packet. */
uint32_t reported_age_ms(const struct table *table, uint32_t slot,
			 struct reported *reported, const struct instant *now);

/* RECORD is reported, and the flow goes on. */
void reported_note(struct reported *reported, uint32_t slot,
		   const struct record *record);

/* It begins to gather NOW. */
void reported_anew(struct reported *reported, uint32_t slot,
		   const struct instant *now);

/* The slot is free. */
static inline void
reported_forget(struct reported *reported, uint32_t slot)
{
	reported->since_ms[slot] = 0;
}

/* Packets of the flow that were reported. */
static inline uint32_t
reported_packets(const struct reported *reported, uint32_t slot)
{
	return reported->since_ms[slot] & REPORTED_BEFORE
		       ? reported->sum[slot].packets
		       : 0;
}

#endif
