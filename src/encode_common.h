/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_common.h - what the protocols have in common.
 */
#ifndef ENCODE_COMMON_H
#define ENCODE_COMMON_H

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "clock.h"
#include "encode.h"

/* In network order, at any address. */
static inline void
put16(uint8_t *at, uint16_t value)
{
	value = GUINT16_TO_BE(value);
	memcpy(at, &value, sizeof(value));
}

static inline void
put32(uint8_t *at, uint32_t value)
{
	value = GUINT32_TO_BE(value);
	memcpy(at, &value, sizeof(value));
}

/* Uptimes of 32 bits hold 49.7 days of milliseconds since an epoch. */
#define COMMON_DAY_MS	  86400000ULL
#define COMMON_MAX_UPTIME (48 * COMMON_DAY_MS)

/* Whether they can tell WALL_MS since EPOCH_MS. */
static inline bool
common_reaches(uint64_t epoch_ms, uint64_t wall_ms)
{
	return wall_ms - epoch_ms < COMMON_MAX_UPTIME;
}

/* An epoch for WALL_MS where the last one does not reach (the host is long up,
 * its clock was set, a capture is older): amid what it can reach. */
static inline uint64_t
common_epoch(uint64_t wall_ms)
{
	return wall_ms - COMMON_MAX_UPTIME / 2;
}

/* The epoch to begin with: when the host did. */
static inline uint64_t
common_boot_ms(void)
{
	return (clock_wall_ns() - clock_boot_ns()) / 1000000;
}

/* Whether LEN octets, a message with one WHAT ("record", "template") of SET's
 * template I, are within MTU. */
bool common_fits(const struct template_set *set, int i, const char *what,
		 size_t len, size_t mtu, GError **error);

/* The ID of TEMPLATE, a set's I, by its layout: the same for as long as the
 * process lives, and no other's, so that no collector takes a record for
 * another kind (RFC 7011 8, RFC 3954 7).  From 256 on, in the order in which
 * layouts come. */
uint16_t common_template_id(const struct template *template, uint32_t i);

/* For protocols whose records say themselves what is in them: no templates, and
 * no numbers that begin again with a session. */
bool common_no_announce(struct encoder *encoder, unsigned i, uint64_t wall_ns,
			struct message *message);
uint16_t common_no_template_id(const struct encoder *encoder, int template);
void common_no_skip(struct encoder *encoder, const struct record *record);
void common_no_restart(struct encoder *encoder, unsigned n_streams);

#endif
