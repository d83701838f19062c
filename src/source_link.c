/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source_link.h"

#include <pcap/dlt.h>
#include <string.h>

#include "../bpf/parse_link.h"

enum {
	SLL_LEN = 16,
	SLL2_LEN = 20,
	SLL_OUTGOING = 4, /* packet type: sent by us */
	SLL_MAC_LEN = 6,

	LOOPBACK_LEN = 4,

	PPP_ADDRESS = 0xff, /* RFC 1662 3.1: address and control, */
	PPP_CONTROL = 0x03, /* which may be left out */
};

static uint16_t
be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static bool
read_ethernet(const uint8_t *data, size_t len, struct link_packet *packet,
	      struct flow_key *key, struct flow_origin *origin)
{
	(void)data;
	(void)len;
	(void)packet;
	(void)key;
	(void)origin;
	return true;
}

/* The version nibble; what has neither is no IPv4 either. */
static bool
read_raw(const uint8_t *data, size_t len, struct link_packet *packet,
	 struct flow_key *key, struct flow_origin *origin)
{
	(void)key;
	(void)origin;
	if (len < 1)
		return false;
	packet->protocol = data[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
	return true;
}

static void
set_point(struct flow_key *key, struct flow_origin *origin, unsigned type,
	  const uint8_t *mac, unsigned mac_len)
{
	if (type == SLL_OUTGOING)
		key->direction = FLOW_EGRESS;
	if (mac_len == SLL_MAC_LEN)
		memcpy(origin->src_mac, mac, SLL_MAC_LEN);
}

/* LINKTYPE_LINUX_SLL: type, hardware type, address length, address, EtherType
 */
static bool
read_sll(const uint8_t *data, size_t len, struct link_packet *packet,
	 struct flow_key *key, struct flow_origin *origin)
{
	if (len < SLL_LEN)
		return false;
	packet->header_len = SLL_LEN;
	set_point(key, origin, be16(data), data + 6, be16(data + 4));
	packet->protocol = be16(data + 14) ?: PARSE_NO_ETHERTYPE;
	return true;
}

/* LINKTYPE_LINUX_SLL2: EtherType, 2 zero, interface index, hardware type, type,
 * address length, address */
static bool
read_sll2(const uint8_t *data, size_t len, struct link_packet *packet,
	  struct flow_key *key, struct flow_origin *origin)
{
	if (len < SLL2_LEN)
		return false;
	packet->header_len = SLL2_LEN;
	key->if_index = be32(data + 4);
	set_point(key, origin, data[10], data + 12, data[11]);
	packet->protocol = be16(data) ?: PARSE_NO_ETHERTYPE;
	return true;
}

/* AF_INET is 2 everywhere, AF_INET6 is not; in the writer's byte order, or the
 * network's: only one octet is not zero. */
static bool
read_loopback(const uint8_t *data, size_t len, struct link_packet *packet,
	      struct flow_key *key, struct flow_origin *origin)
{
	uint8_t family;

	(void)key;
	(void)origin;
	if (len < LOOPBACK_LEN)
		return false;
	family = data[0] | data[3];
	packet->header_len = LOOPBACK_LEN;
	if (family == 2)
		packet->protocol = ETHERTYPE_IPV4;
	else if (family == 10 || family == 24 || family == 28 || family == 30)
		packet->protocol = ETHERTYPE_IPV6;
	else
		packet->protocol = PARSE_NO_ETHERTYPE;
	return true;
}

static bool
read_ppp(const uint8_t *data, size_t len, struct link_packet *packet,
	 struct flow_key *key, struct flow_origin *origin)
{
	size_t at = 0;

	(void)key;
	(void)origin;
	if (len >= 2 && data[0] == PPP_ADDRESS && data[1] == PPP_CONTROL)
		at = 2;
	if (len < at + 2)
		return false;
	packet->header_len = at + 2;
	switch (be16(data + at)) {
	case PPP_IPV4:
		packet->protocol = ETHERTYPE_IPV4;
		break;
	case PPP_IPV6:
		packet->protocol = ETHERTYPE_IPV6;
		break;
	default:
		packet->protocol = ETHERTYPE_PPP;
	}
	return true;
}

static bool
read_pppoe(const uint8_t *data, size_t len, struct link_packet *packet,
	   struct flow_key *key, struct flow_origin *origin)
{
	(void)data;
	(void)len;
	(void)key;
	(void)origin;
	packet->protocol = ETHERTYPE_PPPOE;
	return true;
}

static const struct link_type types[] = {
	{ DLT_EN10MB, read_ethernet }, { DLT_LINUX_SLL, read_sll },
	{ DLT_LINUX_SLL2, read_sll2 }, { DLT_RAW, read_raw },
	{ DLT_IPV4, read_raw },	       { DLT_IPV6, read_raw },
	{ DLT_NULL, read_loopback },   { DLT_LOOP, read_loopback },
	{ DLT_PPP, read_ppp },	       { DLT_PPP_SERIAL, read_ppp },
	{ DLT_PPP_ETHER, read_pppoe },
};

const struct link_type *
link_find(int dlt)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].dlt == dlt)
			return &types[i];
	return NULL;
}
