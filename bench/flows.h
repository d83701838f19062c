/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flows.h - synthetic flows into a table of our own, always the same ones.
 *
 * A packet each, every fourth IPv6, in and out of FLOWS_INTERFACES interfaces;
 * their order in the table is that of its secret hash, thus random.
 */
#ifndef FLOWS_H
#define FLOWS_H

#include "clock.h"
#include "flowtable.h"

#define FLOWS_INTERFACES 4 /* their indices are 1 to that */

/* What a flow or more add up to. */
struct flows_sum {
	uint64_t records, packets;
};

/* The instant after which none begins. */
extern const struct instant flows_now;

/* The packet of flow I. */
struct flow_packet flows_packet(uint32_t i);

/* Accounts N flows; adds those that found room to *SUM. */
void flows_fill(struct table *table, uint32_t n, struct flows_sum *sum);

#endif
