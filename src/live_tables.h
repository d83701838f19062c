/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_tables.h - the kernel's flow table and the one beside it, which packets
 * come to that find the first one full: scanned together.
 *
 * For live's own files only.
 */
#ifndef LIVE_TABLES_H
#define LIVE_TABLES_H

#include "live.h"
#include "overflow_ring.h"

struct live_tables {
	struct expire *expire;
	struct overflow *overflow; /* NULL, and RING: there is none */
	struct overflow_ring *ring;
	uint64_t n_overflow; /* packets through the ring, last we looked */
};

bool tables_make(struct live_tables *tables, const struct live_args *args,
		 struct probe *probe, GError **error);
void tables_clear(struct live_tables *tables);

void tables_begin(const struct live_tables *tables, enum expire_scan how);
void tables_set(const struct live_tables *tables,
		const struct expire_timeouts *timeouts);

/* Whether packets come through the ring, or flows had better end. */
bool tables_overflows(struct live_tables *tables);

#endif
