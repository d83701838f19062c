/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * field.h - the Information Elements that we can export, one row each.
 *
 * The table in field.c is the only place that knows an element: its IANA name
 * and numbers, where in a record its value stands and how it goes on the wire.
 * template.c looks rows up by name, plan.c compiles them, print.c shows them.
 */
#ifndef FIELD_H
#define FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"

enum field_kind {
	FIELD_UINT,  /* unsigned integer of any size, host order */
	FIELD_ICMP,  /* the same, and 0 where the protocol is not ICMP(v6) */
	FIELD_BYTES, /* octets as they stand: IPv6 addresses */
	FIELD_IPV4,  /* four octets: the end of a mapped address */
	FIELD_MAC,   /* six octets */
	FIELD_MSEC,  /* nanoseconds since the epoch, as milliseconds */
};

/* Which struct a field's offset counts in; a NULL interface reads as zeros. */
enum field_from {
	FIELD_FROM_RECORD,
	FIELD_FROM_IN,	/* record->in */
	FIELD_FROM_OUT, /* record->out */
	FIELD_N_FROM,
};

struct field {
	const char *name; /* IANA */
	uint32_t pen;	  /* 0: IANA's own */
	uint16_t id;	  /* IPFIX element */
	uint16_t v9;	  /* NetFlow v9 field type; 0: it has none */
	uint16_t length;  /* octets on the wire, unless a template reduces it */
	uint8_t kind;	  /* enum field_kind */
	uint8_t from;	  /* enum field_from */
	uint16_t offset;
	uint16_t size;	/* of the member */
	uint8_t family; /* enum flow_family that has it; 0: both */
};

/* Every row, ending with one whose name is NULL. */
extern const struct field fields[];

/* The row of that name, or NULL. */
const struct field *field_find(const char *name);

/* Where what a field's offset counts in begins, for each enum field_from. */
void field_bases(const struct record *record,
		 const uint8_t *base[FIELD_N_FROM]);

/* Where the value of FIELD stands in RECORD. */
const uint8_t *field_at(const struct field *field, const struct record *record);

/* The value of an integer FIELD (UINT, ICMP, MSEC), as it goes on the wire. */
uint64_t field_uint(const struct field *field, const struct record *record);

/* What an integer of KIND that stands as VALUE in RECORD is on the wire, where
 * times are told since EPOCH_MS. */
static inline uint64_t
field_wire(enum field_kind kind, uint64_t value, const struct record *record,
	   uint64_t epoch_ms)
{
	switch (kind) {
	case FIELD_ICMP:
		return record_is_icmp(record) ? value : 0;
	case FIELD_MSEC:
		return value / 1000000 - epoch_ms;
	default:
		return value;
	}
}

#endif
