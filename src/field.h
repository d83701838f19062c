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
	/* Integers, in host order. */
	FIELD_UINT,	/* as it stands */
	FIELD_ICMP,	/* 0 where the protocol is not ICMP(v6) */
	FIELD_PORT,	/* 0 where it is ICMP of the other IP version */
	FIELD_EGRESS,	/* 0 on ingress */
	FIELD_DSCP,	/* the upper 6 bits of an octet */
	FIELD_UPTIME,	/* ns since 1970, as ms since the epoch (plan.h) */
	FIELD_EPOCH,	/* that epoch, ms since 1970 */
	FIELD_ID,	/* of the flow, for its life */
	FIELD_DURATION, /* ns, as ms since start_ns */
	FIELD_USEC_DURATION,

	/* Times: ns since 1970, as ... */
	FIELD_SEC,
	FIELD_MSEC,
	FIELD_USEC, /* NTP's 64 bits, RFC 7011 6.1.9 */
	FIELD_NSEC,

	/* Octets as they stand. */
	FIELD_BYTES, /* an IPv6 address, a label stack entry */
	FIELD_IPV4,  /* the end of a mapped address */
	FIELD_MAC,
	FIELD_STRING, /* UTF-8, filled up with NULs */
};

/* Which struct a field's offset counts in; one that is NULL reads as zeros. */
enum field_from {
	FIELD_FROM_RECORD,
	FIELD_FROM_IN,	   /* record->in */
	FIELD_FROM_OUT,	   /* record->out */
	FIELD_FROM_SEEN,   /* the one of these where the flow was observed */
	FIELD_FROM_METER,  /* record->meter */
	FIELD_FROM_LEDGER, /* of options data only */
	FIELD_N_FROM,
};

/* Families of flows, in field.families. */
enum field_family {
	FIELD_OF_IPV4 = 1,
	FIELD_OF_IPV6 = 2,
	FIELD_OF_IP = 3,
	FIELD_OF_OTHER = 4,
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
	uint16_t size;	  /* of the member */
	uint8_t families; /* enum field_family; 0: all */
	bool again;	  /* another row tells it, or few ask: not printed */
	uint16_t ntopng;  /* key of ntopng's; 0: it does not know, or misreads */
};

/* Every row, ending with one whose name is NULL. */
extern const struct field fields[];

/* Of both directions (RFC 5103): what of the other one goes along with the field
 * of the same number. */
extern const struct field field_reverse[];

/* The row of that name, or NULL. */
const struct field *field_find(const char *name);

/* The row of IANA's element ID, or NULL. */
const struct field *field_find_id(uint16_t id);

/* Of a record. */
enum field_family field_family(const struct record *record);

/* Whether flows of FAMILY can have FIELD. */
static inline bool
field_suits(const struct field *field, enum field_family family)
{
	return !field->families || (field->families & family);
}

static inline bool
field_is_integer(const struct field *field)
{
	return field->kind < FIELD_BYTES;
}

/* Zeros, as many as the largest struct has that a record may lack. */
extern const uint8_t field_nothing[];

static inline const void *
field_or_nothing(const void *at)
{
	return at ?: (const void *)field_nothing;
}

/* Whether FIELD tells of extremes, which the flow table keeps on demand. */
static inline bool
field_is_extreme(const struct field *field)
{
	const size_t begin = offsetof(struct record, value.extremes);

	return field->from == FIELD_FROM_RECORD && field->offset >= begin &&
	       field->offset < begin + sizeof(struct flow_extremes);
}

/* Where what a field's offset counts in begins, for each enum field_from. */
static inline void
field_bases(const struct record *record, const uint8_t *base[FIELD_N_FROM])
{
	bool egress = record->key.direction == FLOW_EGRESS;

	base[FIELD_FROM_RECORD] = (const void *)record;
	base[FIELD_FROM_IN] = field_or_nothing(record->in);
	base[FIELD_FROM_OUT] = field_or_nothing(record->out);
	base[FIELD_FROM_SEEN] = base[egress ? FIELD_FROM_OUT : FIELD_FROM_IN];
	base[FIELD_FROM_METER] = field_or_nothing(record->meter);
	base[FIELD_FROM_LEDGER] = field_nothing;
}

/* Where the value of FIELD stands in RECORD. */
const uint8_t *field_at(const struct field *field, const struct record *record);

/* The value of an integer FIELD, as it goes on the wire. */
uint64_t field_uint(const struct field *field, const struct record *record);

/* field_wire() of the kinds that few records are sent with. */
uint64_t field_wire_rare(enum field_kind kind, uint64_t value,
			 const struct record *record, uint64_t epoch_ms);

/* What an integer of KIND that stands as VALUE in RECORD is on the wire, where
 * uptimes are told since EPOCH_MS. */
static inline uint64_t
field_wire(enum field_kind kind, uint64_t value, const struct record *record,
	   uint64_t epoch_ms)
{
	switch (kind) {
	case FIELD_UINT:
		return value;
	case FIELD_ICMP:
		return record_is_icmp(record) ? value : 0;
	case FIELD_PORT:
		return record_is_stray_icmp(record) ? 0 : value;
	case FIELD_EGRESS:
		return record->key.direction == FLOW_EGRESS ? value : 0;
	case FIELD_MSEC:
		return value / 1000000;
	case FIELD_UPTIME:
		return value / 1000000 - epoch_ms;
	default:
		return field_wire_rare(kind, value, record, epoch_ms);
	}
}

#endif
