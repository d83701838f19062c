/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expirer.h - the expire stage on a table of our own, with a clock that the
 * test sets, and its records.
 */
#ifndef EXPIRER_H
#define EXPIRER_H

#include <glib.h>

#include "expire.h"

#define EXPIRER_WALL_NS (1700000000 * CLOCK_SECOND_NS) /* at boot time 0 */

enum { EXPIRER_TICK_NS = 1 << FLOW_PRECISE_SHIFT };

struct expirer {
	struct table *table;
	struct expire *expire;
	struct stats stats;
	struct instant now;
	GArray *records; /* of struct record */
	guint n_flushes;
};

/* Idle after 15 s, active after 60 s, TCP after 2 s; it is 1,000 s after boot.
 */
struct expirer *expirer_new(uint32_t max);
void expirer_free(struct expirer *f);

void expirer_set_time(struct expirer *f, uint64_t boot_ns);

/* The key of a numbered flow, of TCP. */
struct flow_key expirer_key(uint32_t flow);

/* A packet comes now, and finds room. */
void expirer_packet(struct expirer *f, uint32_t flow, uint32_t octets,
		    uint16_t tcp_flags);

/* The same; false: there is none. */
bool expirer_packet_of(struct expirer *f, const struct flow_key *key,
		       uint32_t octets, uint16_t tcp_flags);

/* A scan to its end; the number of grace periods that it asked for. */
guint expirer_scan(struct expirer *f, enum expire_scan how);

struct record *expirer_record(struct expirer *f, guint i);

#endif
