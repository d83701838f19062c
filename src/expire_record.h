/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expire_record.h - a slot's flow as a record: what came since the last one.
 *
 * For expire's own files only.  What was reported before stands in the daemon's
 * memory: the kernel's lines have one writer.
 */
#ifndef EXPIRE_RECORD_H
#define EXPIRE_RECORD_H

#include <stdbool.h>

#include "clock.h"
#include "flowtable.h"
#include "record.h"

#define NS_PER_MS 1000000ULL

/* Zeroed: the slot's flow was never seen. */
struct reported {
	uint64_t octets;
	uint32_t packets;
	uint32_t since_ms; /* boot time of the last report, modulo 2^32; or 0 */
};

/* Fills RECORD but for its end reason, and notes it in REPORTED; false: there
 * is nothing new. */
bool expire_record(const struct table *table, uint32_t slot,
		   struct reported *reported, const struct instant *now,
		   struct record *record);

/* How long the flow has gathered since its last report, or its first packet. */
uint32_t reported_age_ms(const struct table *table, uint32_t slot,
			 struct reported *reported, const struct instant *now);

/* It begins to gather NOW. */
void reported_anew(struct reported *reported, const struct instant *now);

#endif
