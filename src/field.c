/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <string.h>

#include "field.h"
#include "iftable.h"
#include "meter.h"

#define NS_PER_S     1000000000ULL
#define NTP_OFFSET_S 2208988800ULL /* from 1900 to 1970 */

/* clang-format off */

#define MEMBER(type, m) offsetof(type, m), sizeof(((type *)NULL)->m)
#define RECORD(m) FIELD_FROM_RECORD, MEMBER(struct record, m)
#define KEY(m)    RECORD(key.m)
#define VALUE(m)  RECORD(value.m)
#define ORIGIN(m) RECORD(value.origin.m)
#define EXTREME(m) RECORD(value.extremes.m)
#define MAPPED(m) FIELD_FROM_RECORD, offsetof(struct record, key.m) + 12, 4
#define IN(m)     FIELD_FROM_IN, MEMBER(struct iface, m)
#define OUT(m)    FIELD_FROM_OUT, MEMBER(struct iface, m)
#define SEEN(m)   FIELD_FROM_SEEN, MEMBER(struct iface, m)
#define METER(m)  FIELD_FROM_METER, MEMBER(struct meter, m)

/* One of the two octets of type << 8 | code. */
#define HALF(n)   FIELD_FROM_RECORD, offsetof(struct record, key.dst_port) + \
		  (G_BYTE_ORDER == G_LITTLE_ENDIAN ? 1 - (n) : (n)), 1

#define IP4   FIELD_OF_IPV4
#define IP6   FIELD_OF_IPV6
#define IP    FIELD_OF_IP

/* One of IANA's; its type in NetFlow v9 is the same up to 127. */
#define V9(name, id, v9, len, kind, ...) \
	{ name, 0, id, v9, len, FIELD_##kind, __VA_ARGS__ }
#define IE(name, id, ...) V9(name, id, (id) < 128 ? (id) : 0, __VA_ARGS__)
/* The same number is ntopng's. */
#define NT(name, id, ...) IE(name, id, __VA_ARGS__, .ntopng = (id))
/* What another row tells already, or few ask for. */
#define AGAIN(...) IE(__VA_ARGS__, .again = true)
#define AGAIN_NT(...) NT(__VA_ARGS__, .again = true)

const struct field fields[] = {
	/* name                         id len  kind   where            of */
	NT("sourceIPv4Address",          8,  4, IPV4,  MAPPED(src_addr),  IP4),
	NT("destinationIPv4Address",    12,  4, IPV4,  MAPPED(dst_addr),  IP4),
	NT("sourceIPv6Address",         27, 16, BYTES, KEY(src_addr),     IP6),
	NT("destinationIPv6Address",    28, 16, BYTES, KEY(dst_addr),     IP6),
	NT("sourceTransportPort",        7,  2, UINT,  KEY(src_port),     IP),
	NT("destinationTransportPort",  11,  2, PORT,  KEY(dst_port),     IP),
	NT("protocolIdentifier",         4,  1, UINT,  KEY(protocol),     IP),
	NT("ipVersion",                 60,  1, UINT,  KEY(family),       IP),
	NT("ipClassOfService",           5,  1, UINT,  KEY(tos),          IP),
	IE("ipTTL",                    192,  1, UINT,  ORIGIN(ttl),       IP),
	IE("flowLabelIPv6",             31,  4, UINT,  ORIGIN(flow_label), IP6),
	NT("tcpControlBits",             6,  2, UINT,  VALUE(tcp_flags),  IP),
	NT("icmpTypeCodeIPv4",          32,  2, ICMP,  KEY(dst_port),     IP4),
	V9("icmpTypeCodeIPv6",      139, 32, 2, ICMP,  KEY(dst_port),     IP6,
	   .ntopng = 32),
	NT("sourceMacAddress",          56,  6, MAC,   ORIGIN(src_mac)),
	NT("destinationMacAddress",     80,  6, MAC,   ORIGIN(dst_mac)),
	NT("vlanId",                    58,  2, UINT,  KEY(vlan_id)),
	NT("flowDirection",             61,  1, UINT,  KEY(direction)),
	NT("ingressInterface",          10,  4, UINT,  IN(index)),
	NT("egressInterface",           14,  4, UINT,  OUT(index)),
	NT("octetDeltaCount",            1,  8, UINT,  VALUE(octets)),
	NT("packetDeltaCount",           2,  8, UINT,  VALUE(packets)),
	V9("flowStartMilliseconds", 152, 22, 8, MSEC,  RECORD(start_ns),
	   .ntopng = 22),
	V9("flowEndMilliseconds",   153, 21, 8, MSEC,  RECORD(end_ns),
	   .ntopng = 21),
	NT("flowEndReason",            136,  1, UINT,  RECORD(end_reason)),

	IE("ethernetType",             256,  2, UINT,  ORIGIN(ether_type)),
	IE("fragmentFlags",            197,  1, UINT,  VALUE(fragment_flags), IP),
	IE("dot1qCustomerVlanId",      245,  2, UINT,  ORIGIN(customer_vlan_id)),

	AGAIN("postVlanId",             59,  2, EGRESS, KEY(vlan_id)),
	AGAIN_NT("dot1qVlanId",           243,  2, UINT,  KEY(vlan_id)),
	AGAIN("postDot1qVlanId",       254,  2, EGRESS, KEY(vlan_id)),
	AGAIN("dot1qPriority",         244,  1, UINT,  ORIGIN(vlan_priority)),
	AGAIN("dot1qCustomerPriority", 246,  1, UINT,  ORIGIN(customer_priority)),
	AGAIN("mplsTopLabelStackSection", 70, 3, BYTES, ORIGIN(mpls[0])),
	AGAIN("mplsLabelStackSection2", 71,  3, BYTES, ORIGIN(mpls[1])),
	AGAIN("mplsLabelStackSection3", 72,  3, BYTES, ORIGIN(mpls[2])),
	AGAIN("minimumTTL",             52,  1, UINT,  EXTREME(min_ttl),  IP),
	AGAIN("maximumTTL",             53,  1, UINT,  EXTREME(max_ttl),  IP),
	AGAIN("minimumIpTotalLength",   25,  8, UINT,  EXTREME(min_len),  IP),
	AGAIN("maximumIpTotalLength",   26,  8, UINT,  EXTREME(max_len),  IP),
	AGAIN("fragmentOffset",         88,  2, UINT,  ORIGIN(fragment_offset),
	      IP),
	AGAIN("icmpTypeIPv4",          176,  1, ICMP,  HALF(0),           IP4),
	AGAIN("icmpCodeIPv4",          177,  1, ICMP,  HALF(1),           IP4),
	AGAIN("icmpTypeIPv6",          178,  1, ICMP,  HALF(0),           IP6),
	AGAIN("icmpCodeIPv6",          179,  1, ICMP,  HALF(1),           IP6),
	AGAIN("ipDiffServCodePoint",   195,  1, DSCP,  KEY(tos),          IP),
	AGAIN("octetTotalCount",        85,  8, UINT,  RECORD(total_octets)),
	AGAIN("packetTotalCount",       86,  8, UINT,  RECORD(total_packets)),
	AGAIN("flowStartSysUpTime",     22,  4, UPTIME, RECORD(start_ns)),
	AGAIN("flowEndSysUpTime",       21,  4, UPTIME, RECORD(end_ns)),
	AGAIN("systemInitTimeMilliseconds", 160, 8, EPOCH, RECORD(start_ns)),
	AGAIN("flowStartSeconds",      150,  4, SEC,   RECORD(start_ns)),
	AGAIN("flowEndSeconds",        151,  4, SEC,   RECORD(end_ns)),
	AGAIN("flowStartMicroseconds", 154,  8, USEC,  RECORD(start_ns)),
	AGAIN("flowEndMicroseconds",   155,  8, USEC,  RECORD(end_ns)),
	AGAIN("flowStartNanoseconds",  156,  8, NSEC,  RECORD(start_ns)),
	AGAIN("flowEndNanoseconds",    157,  8, NSEC,  RECORD(end_ns)),
	AGAIN("flowDurationMilliseconds", 161, 4, DURATION, RECORD(end_ns)),
	AGAIN("flowDurationMicroseconds", 162, 4, USEC_DURATION,
	      RECORD(end_ns)),
	AGAIN("flowId",                148,  8, ID,    ORIGIN(first_ns)),
	AGAIN("observationPointId",    138,  8, UINT,  KEY(if_index)),
	AGAIN("interfaceName",          82, 16, STRING, SEEN(name)),
	AGAIN("interfaceDescription",   83, 64, STRING, SEEN(alias)),
	AGAIN("observationDomainId",   149,  4, UINT,  METER(domain)),
	AGAIN_NT("exporterIPv4Address",   130,  4, IPV4,  METER(ipv4)),
	AGAIN_NT("exporterIPv6Address",   131, 16, BYTES, METER(ipv6)),
	AGAIN_NT("samplingInterval",       34,  4, UINT,  METER(interval)),
	AGAIN("samplingAlgorithm",      35,  1, UINT,  METER(algorithm)),
	AGAIN("selectorId",            302,  8, UINT,  METER(selector)),
	AGAIN("selectorAlgorithm",     304,  2, UINT,
	      METER(selector_algorithm)),
	AGAIN("samplingPacketInterval", 305, 4, UINT,  METER(taken)),
	AGAIN("samplingPacketSpace",   306,  4, UINT,  METER(space)),
	AGAIN("biflowDirection",       239,  1, UINT,  RECORD(reverse.biflow)),
	{ NULL },
};

#define PEN_REVERSE 29305
#define REVERSE(name, id, len, kind, m, ...) \
	{ name, PEN_REVERSE, id, 0, len, FIELD_##kind, RECORD(reverse.m), \
	  ##__VA_ARGS__ }

const struct field field_reverse[] = {
	REVERSE("reverseOctetDeltaCount",    1, 8, UINT, octets, .ntopng = 23),
	REVERSE("reversePacketDeltaCount",   2, 8, UINT, packets, .ntopng = 24),
	REVERSE("reverseIpClassOfService",   5, 1, UINT, tos),
	REVERSE("reverseTcpControlBits",     6, 2, UINT, tcp_flags),
	REVERSE("reverseFlowStartMilliseconds", 152, 8, MSEC, start_ns),
	REVERSE("reverseFlowEndMilliseconds", 153, 8, MSEC, end_ns),
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

const struct field *
field_find_id(uint16_t id)
{
	for (const struct field *field = fields; field->name; field++) {
		if (field->id == id && field->pen == 0)
			return field;
	}
	return NULL;
}

enum field_family
field_family(const struct record *record)
{
	switch (record->key.family) {
	case FLOW_IPV4:
		return FIELD_OF_IPV4;
	case FLOW_IPV6:
		return FIELD_OF_IPV6;
	default:
		return FIELD_OF_OTHER;
	}
}

const uint8_t field_nothing[MAX(sizeof(struct iface), sizeof(struct meter))];

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

/* Seconds since 1900 and their fraction, RFC 7011 6.1.9. */
static uint64_t
ntp(uint64_t ns)
{
	return (ns / NS_PER_S + NTP_OFFSET_S) << 32 |
	       ((ns % NS_PER_S) << 32) / NS_PER_S;
}

/* Both halves of the product: mixes each bit into many. */
static uint64_t
mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return product ^ (product >> 64);
}

/* Of its key and beginning: no two flows share it but by an accident of 2^64,
 * and reports of one have the same. */
static uint64_t
flow_id(const struct record *record)
{
	uint64_t id = mix(record->value.origin.first_ns ^ 0x9e3779b97f4a7c15ULL,
			  0xa0761d6478bd642fULL);
	uint64_t words[sizeof(struct flow_key) / sizeof(uint64_t)];

	memcpy(words, &record->key, sizeof(words));
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		id = mix(id ^ words[i], 0xd6e8feb86659fd93ULL + 2 * i);
	return id;
}

uint64_t
field_wire_rare(enum field_kind kind, uint64_t value,
		const struct record *record, uint64_t epoch_ms)
{
	switch (kind) {
	case FIELD_DSCP:
		return value >> 2;
	case FIELD_EPOCH:
		return epoch_ms;
	case FIELD_ID:
		return flow_id(record);
	case FIELD_DURATION:
		return (value - record->start_ns) / 1000000;
	case FIELD_USEC_DURATION:
		return (value - record->start_ns) / 1000;
	case FIELD_SEC:
		return value / NS_PER_S;
	case FIELD_USEC:
		return ntp(value) & ~0x7ffULL;
	case FIELD_NSEC:
		return ntp(value);
	default:
		return value;
	}
}
