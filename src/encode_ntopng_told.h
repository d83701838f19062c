/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_ntopng_told.h - what ntopng is told beside flows, as JSON: that and
 * how we live, and the names of interfaces.
 */
#ifndef ENCODE_NTOPNG_TOLD_H
#define ENCODE_NTOPNG_TOLD_H

#include <glib.h>
#include <stdbool.h>

#include "field.h"

/* What rates are worked out from. */
struct told_past {
	uint64_t wall_ns; /* 0: there is none yet */
	uint64_t packets, octets;
};

/* The body of an "event" about meter and ledger in BASE. */
void told_event(GString *out, struct told_past *past,
		const uint8_t *const base[FIELD_N_FROM], uint64_t wall_ns);

/* Adds the interface in BASE to the body of a "snmp-ifaces", which begins with
 * the first and must be ended; false, and nothing changes: that would then be
 * longer than MAX. */
bool told_name(GString *out, const uint8_t *const base[FIELD_N_FROM],
	       size_t max);
void told_names_end(GString *out);

#endif
