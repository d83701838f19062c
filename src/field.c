/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <string.h>

#include "field.h"
#include "iftable.h"

/* clang-format off */

#define MEMBER(type, m) offsetof(type, m), sizeof(((type *)NULL)->m)
#define RECORD(m) FIELD_FROM_RECORD, MEMBER(struct record, m)
#define KEY(m)    RECORD(key.m)
#define VALUE(m)  RECORD(value.m)
#define ORIGIN(m) RECORD(value.origin.m)
#define MAPPED(m) FIELD_FROM_RECORD, offsetof(struct record, key.m) + 12, 4
#define IN(m)     FIELD_FROM_IN, MEMBER(struct iface, m)
#define OUT(m)    FIELD_FROM_OUT, MEMBER(struct iface, m)

/* One of IANA's; its type in NetFlow v9 is the same up to 127. */
#define V9(name, id, v9, len, kind, ...) \
	{ name, 0, id, v9, len, FIELD_##kind, __VA_ARGS__ }
#define IE(name, id, ...) V9(name, id, (id) < 128 ? (id) : 0, __VA_ARGS__)

const struct field fields[] = {
	/* name                         id len  kind   where           family */
	IE("sourceIPv4Address",          8,  4, IPV4,  MAPPED(src_addr),   4),
	IE("destinationIPv4Address",    12,  4, IPV4,  MAPPED(dst_addr),   4),
	IE("sourceIPv6Address",         27, 16, BYTES, KEY(src_addr),      6),
	IE("destinationIPv6Address",    28, 16, BYTES, KEY(dst_addr),      6),
	IE("sourceTransportPort",        7,  2, UINT,  KEY(src_port)),
	IE("destinationTransportPort",  11,  2, UINT,  KEY(dst_port)),
	IE("protocolIdentifier",         4,  1, UINT,  KEY(protocol)),
	IE("ipVersion",                 60,  1, UINT,  KEY(family)),
	IE("ipClassOfService",           5,  1, UINT,  KEY(tos)),
	IE("ipTTL",                    192,  1, UINT,  ORIGIN(ttl)),
	IE("flowLabelIPv6",             31,  4, UINT,  ORIGIN(flow_label), 6),
	IE("tcpControlBits",             6,  2, UINT,  VALUE(tcp_flags)),
	IE("icmpTypeCodeIPv4",          32,  2, ICMP,  KEY(dst_port),      4),
	V9("icmpTypeCodeIPv6",      139, 32, 2, ICMP,  KEY(dst_port),      6),
	IE("sourceMacAddress",          56,  6, MAC,   ORIGIN(src_mac)),
	IE("destinationMacAddress",     80,  6, MAC,   ORIGIN(dst_mac)),
	IE("vlanId",                    58,  2, UINT,  KEY(vlan_id)),
	IE("flowDirection",             61,  1, UINT,  KEY(direction)),
	IE("ingressInterface",          10,  4, UINT,  IN(index)),
	IE("egressInterface",           14,  4, UINT,  OUT(index)),
	IE("octetDeltaCount",            1,  8, UINT,  VALUE(octets)),
	IE("packetDeltaCount",           2,  8, UINT,  VALUE(packets)),
	V9("flowStartMilliseconds", 152, 22, 8, MSEC,  RECORD(start_ns)),
	V9("flowEndMilliseconds",   153, 21, 8, MSEC,  RECORD(end_ns)),
	IE("flowEndReason",            136,  1, UINT,  RECORD(end_reason)),
	{ NULL },
};

/* clang-format on */

const struct field *
field_find(const char *name)
{
	for (const struct field *field = fields; field->name; field++) {
		if (strcmp(field->name, name) == 0)
			return field;
	}
	return NULL;
}

void
field_bases(const struct record *record, const uint8_t *base[FIELD_N_FROM])
{
	static const struct iface none;

	base[FIELD_FROM_RECORD] = (const void *)record;
	base[FIELD_FROM_IN] = (const void *)(record->in ?: &none);
	base[FIELD_FROM_OUT] = (const void *)(record->out ?: &none);
}

const uint8_t *
field_at(const struct field *field, const struct record *record)
{
	const uint8_t *base[FIELD_N_FROM];

	field_bases(record, base);
	return base[field->from] + field->offset;
}

uint64_t
field_uint(const struct field *field, const struct record *record)
{
	size_t skip = G_BYTE_ORDER == G_BIG_ENDIAN ? 8 - field->size : 0;
	uint64_t value = 0;

	memcpy((uint8_t *)&value + skip, field_at(field, record), field->size);
	return field_wire(field->kind, value, record, 0);
}
