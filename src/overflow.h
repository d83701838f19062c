/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overflow.h - packets that found the kernel's table full, accounted here.
 *
 * Stands beside the kernel's table at the head of the walk: the programs leave
 * such packets in a ring, from where they come, a bounded number each step, to
 * a table of our own and its own expire stage, and as records to the same sink.
 * Memory is bounded: a packet that finds no room here either is counted.
 *
 * Costs some 150 ns a packet, and nothing while there are none.
 */
#ifndef OVERFLOW_H
#define OVERFLOW_H

#include <stdbool.h>

#include "expire.h"

/* Hands packets to TAKE, oldest first, until it says false, to have no more, or
 * there are none.  What was taken is gone from there. */
struct overflow_source {
	void (*read)(void *from,
		     bool (*take)(void *to, const struct flow_packet *packet),
		     void *to);
	void *from; /* lent */
};

struct overflow_args {
	struct overflow_source source;
	uint32_t max; /* flows */
	bool extremes;
	struct expire_timeouts timeouts;
	/* Not flushed: its scans are those of the kernel's table, at whose end
	 * that is done, and a few more. */
	struct sink sink;
	struct stats *stats; /* lent */
};

struct overflow;

struct overflow *overflow_new(const struct overflow_args *args);
void overflow_free(struct overflow *overflow);

/* As expire_set(). */
void overflow_set(struct overflow *overflow,
		  const struct expire_timeouts *timeouts);

/* As expire_begin().  EXPIRE_DRAIN takes in first what the source has. */
void overflow_begin(struct overflow *overflow, enum expire_scan scan);

/* Takes what the source has, some thousand packets, then does one step of a
 * scan; the state that it leads to.  RESTING: the source has no more either.
 * Never WAITING: nobody else adds to this table. */
enum expire_state overflow_step(struct overflow *overflow,
				const struct instant *now);

/* Packets taken so far. */
uint64_t overflow_n_taken(const struct overflow *overflow);
const struct expire *overflow_expire(const struct overflow *overflow);
bool overflow_is_pressed(const struct overflow *overflow);

/* Adds what is counted here to the programs' counters. */
void overflow_count(const struct overflow *overflow,
		    struct flow_counters *counters);

#endif
