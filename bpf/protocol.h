/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * protocol.h - the numbers that parse.h goes by: EtherTypes and IP protocols.
 *
 * A protocol whose ports or type and code belong to the key, or an extension
 * header of IPv6, is a row here.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <linux/types.h>

/* IEEE 802 */
enum {
	ETHERTYPE_IPV4 = 0x0800,
	ETHERTYPE_VLAN = 0x8100,
	ETHERTYPE_IPV6 = 0x86dd,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_MPLS_UPSTREAM = 0x8848,
	ETHERTYPE_PPPOE = 0x8864,
	ETHERTYPE_PPP = 0x880b,
	ETHERTYPE_QINQ = 0x88a8,
	ETHERTYPE_MIN = 0x0600, /* below, it is a length */
};

/* RFC 1332, RFC 5072 */
enum {
	PPP_IPV4 = 0x0021,
	PPP_IPV6 = 0x0057,
};

/* What stands behind the header that names a protocol. */
enum protocol_kind {
	KIND_OTHER,	/* nothing that we read */
	KIND_EXTENSION, /* of IPv6 */
	KIND_ICMP,	/* type and code */
	KIND_PORTS,	/* source and destination port */
	KIND_TCP,	/* the same, and flags */
};

/*
 * IANA protocol numbers.  A table, not branches: few are the paths then that
 * the verifier has to follow.  LEN is the shortest header; of an extension, the
 * unit of its length field, which counts what exceeds 8 octets.  FRAGMENT_MASK
 * takes offset and M flag out of octets 2 and 3, where they are.
 */
/* clang-format off */
static const struct protocol {
	__u8 kind;
	__u8 len;
	__u16 fragment_mask;
} parse_protocol[256] = {
	[0] = { KIND_EXTENSION, 8, 0 }, /* Hop-by-Hop Options */
	[1] = { KIND_ICMP, 8, 0 },
	[6] = { KIND_TCP, 20, 0 },
	[17] = { KIND_PORTS, 8, 0 }, /* UDP */
	[33] = { KIND_PORTS, 12, 0 }, /* DCCP */
	[43] = { KIND_EXTENSION, 8, 0 }, /* Routing */
	[44] = { KIND_EXTENSION, 0, 0xfff9 }, /* Fragment */
	[51] = { KIND_EXTENSION, 4, 0 }, /* Authentication Header */
	[58] = { KIND_ICMP, 8, 0 }, /* ICMPv6 */
	[60] = { KIND_EXTENSION, 8, 0 }, /* Destination Options */
	[132] = { KIND_PORTS, 12, 0 }, /* SCTP */
	[135] = { KIND_EXTENSION, 8, 0 }, /* Mobility */
	[136] = { KIND_PORTS, 8, 0 }, /* UDP-Lite */
	[139] = { KIND_EXTENSION, 8, 0 }, /* Host Identity */
	[140] = { KIND_EXTENSION, 8, 0 }, /* Shim6 */
};
/* clang-format on */

#endif
