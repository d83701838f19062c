/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message.h - one export message between encoder and transport.
 *
 * The encoder owns the octets and lends them until it is next called; a
 * transport that cannot send at once copies them.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stddef.h>

#include "record.h"

/* What flow records amount to: carried, exported or dropped. */
struct tally {
	uint64_t records;
	uint64_t packets;
	uint64_t octets;
};

struct message {
	uint8_t *data;
	size_t len;
	struct tally tally; /* of the flow records in it */
	uint16_t stream;    /* of the session, where it has several */
	uint16_t head;	    /* octets that are a frame of their own, or 0 */
};

static inline void
tally_add(struct tally *sum, const struct tally *more)
{
	sum->records += more->records;
	sum->packets += more->packets;
	sum->octets += more->octets;
}

static inline void
tally_record(struct tally *sum, const struct record *record)
{
	sum->records++;
	sum->packets += record->value.packets + record->reverse.packets;
	sum->octets += record->value.octets + record->reverse.octets;
}

#endif
