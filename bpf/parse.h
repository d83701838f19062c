/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse.h - from a packet's octets to the flow that it belongs to.
 *
 * The first step of the walk.  The very same code runs in the kernel programs,
 * over captures and in tests: plain C, no maps, no loads beyond END, whatever
 * the octets say.  Network byte order exists here and nowhere before the wire
 * formats.
 *
 * Counted are packets as on the wire: an skb of several GSO segments counts
 * each, and their headers, so that octets are the sum of the segments' layer 3
 * lengths.
 */
#ifndef PARSE_H
#define PARSE_H

#include "flow.h"
#include "protocol.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* What is known of a packet beside its octets. */
struct packet {
	__u32 len;	/* with its layer 2 header, whole, even if cut below */
	__u32 gso_size; /* payload of a segment; 0: a single packet */
	__u32 gso_segs; /* 0: not known */
	__u32 wire_len; /* with every segment's headers; 0: not known */
	__u16 protocol; /* of a device without layer 2: EtherType, else 0 */
	__u16 vlan_id;	/* of a tag that is no longer in the data, else 0 */
};

enum parse_result {
	PARSE_WHOLE,   /* key and value are filled */
	PARSE_IGNORED, /* neither IPv4 nor IPv6 */
	PARSE_CUT,     /* filled, but layer 4 (or an extension header) lacks */
	PARSE_MALFORMED, /* short or inconsistent: no flow can be named */
};

enum {
	PARSE_ETHER_LEN = 14,
	PARSE_VLAN_LEN = 4,
	PARSE_MAX_VLANS = 2,
	PARSE_IPV4_LEN = 20,
	PARSE_IPV6_LEN = 40,
	PARSE_JUMBO_LEN = 8,
	PARSE_MAX_EXTENSIONS = 6,
	PARSE_MAX_AT = 16384, /* octets of headers */
};

/* The verifier wants typed loads, which clang would else split to octets. */
#ifdef __bpf__
#define PARSE_LOAD(type, p) (*(const type *)(p))
/* What clang knows of X's range, the verifier of Linux 6.1 has forgotten once X
 * was on the stack: have it compared all the same. */
#define PARSE_FORGET(x) asm volatile("" : "+r"(x))
#else
#define PARSE_FORGET(x)
#define PARSE_LOAD(type, p)                                                    \
	({                                                                     \
		type loaded_;                                                  \
		__builtin_memcpy(&loaded_, p, sizeof(loaded_));                \
		loaded_;                                                       \
	})
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PARSE_BE16(p) __builtin_bswap16(PARSE_LOAD(__u16, p))
#define PARSE_BE32(p) __builtin_bswap32(PARSE_LOAD(__u32, p))
#else
#define PARSE_BE16(p) PARSE_LOAD(__u16, p)
#define PARSE_BE32(p) PARSE_LOAD(__u32, p)
#endif

/* Where the parser is, and the lengths that it has found on its way. */
struct cursor {
	const __u8 *data;
	const __u8 *end;
	__u32 at; /* octets of DATA behind us */
	__u32 l2_len;
	__u32 l4_len;
	__u32 ip_len;  /* layer 3 octets of the packet or skb */
	__u8 fragment; /* not the first: layer 4 is elsewhere */
};

/* The next N octets, or NULL.  A fresh pointer from an offset each time is what
 * lets the verifier see that loops over headers converge. */
static __always_inline const __u8 *
cursor_next(const struct cursor *c, __u32 n)
{
	const __u8 *p;
	__u32 at = c->at;

	PARSE_FORGET(at);
	if (at > PARSE_MAX_AT)
		return (const __u8 *)0;
	p = c->data + at;
	return p + n <= c->end ? p : (const __u8 *)0;
}

/* MACs and tags; the EtherType behind them, or 0 when they are cut. */
static __always_inline __u16
parse_ethernet(struct cursor *c, struct flow_key *key,
	       struct flow_origin *origin)
{
	const __u8 *p = cursor_next(c, PARSE_ETHER_LEN);
	__u16 type;

	if (!p)
		return 0;
	__builtin_memcpy(origin->dst_mac, p, 6);
	__builtin_memcpy(origin->src_mac, p + 6, 6);
	type = PARSE_BE16(p + 12);
	c->at = PARSE_ETHER_LEN;
	for (int i = 0; i < PARSE_MAX_VLANS; i++) {
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ)
			break;
		p = cursor_next(c, PARSE_VLAN_LEN);
		if (!p)
			return 0;
		if (!key->vlan_id)
			key->vlan_id = PARSE_BE16(p) & 0x0fff;
		type = PARSE_BE16(p + 2);
		c->at += PARSE_VLAN_LEN;
	}
	c->l2_len = c->at;
	return type;
}

/* RFC 791 3.1. */
static __always_inline int
parse_ipv4(struct cursor *c, struct flow_key *key, struct flow_origin *origin)
{
	const __u8 *ip = cursor_next(c, PARSE_IPV4_LEN);
	const __u16 mapped = 0xffff;
	__u32 address, len;

	if (!ip || ip[0] >> 4 != 4)
		return PARSE_MALFORMED;
	len = (ip[0] & 0x0f) * 4;
	if (len < PARSE_IPV4_LEN)
		return PARSE_MALFORMED;
	key->family = FLOW_IPV4;
	key->tos = ip[1];
	key->protocol = ip[9];
	origin->ttl = ip[8];
	address = PARSE_LOAD(__u32, ip + 12);
	__builtin_memcpy(key->src_addr + 10, &mapped, 2);
	__builtin_memcpy(key->src_addr + 12, &address, 4);
	address = PARSE_LOAD(__u32, ip + 16);
	__builtin_memcpy(key->dst_addr + 10, &mapped, 2);
	__builtin_memcpy(key->dst_addr + 12, &address, 4);
	c->ip_len = PARSE_BE16(ip + 2);
	c->fragment = (PARSE_BE16(ip + 6) & 0x1fff) != 0;
	c->at += len;
	return PARSE_WHOLE;
}

/* RFC 8200 4, RFC 4302 2.2. */
static __always_inline int
parse_extensions(struct cursor *c, struct flow_key *key)
{
	for (int i = 0; i < PARSE_MAX_EXTENSIONS; i++) {
		const struct protocol *protocol =
			&parse_protocol[key->protocol];
		const __u8 *p;

		if (protocol->kind != KIND_EXTENSION)
			return PARSE_WHOLE;
		p = cursor_next(c, 8);
		if (!p)
			return PARSE_CUT;
		key->protocol = p[0];
		/* The mask tells the verifier how far this can go. */
		c->at += 8 + p[1] * (protocol->len & 0x0c);
		c->fragment = (PARSE_BE16(p + 2) & protocol->offset_mask) != 0;
		if (c->fragment)
			return PARSE_WHOLE;
	}
	return parse_protocol[key->protocol].kind == KIND_EXTENSION
		       ? PARSE_CUT
		       : PARSE_WHOLE;
}

/* RFC 8200 3. */
static __always_inline int
parse_ipv6(struct cursor *c, const struct packet *packet, struct flow_key *key,
	   struct flow_origin *origin)
{
	const __u8 *ip = cursor_next(c, PARSE_IPV6_LEN);
	__u32 word;

	if (!ip || ip[0] >> 4 != 6)
		return PARSE_MALFORMED;
	word = PARSE_BE32(ip);
	key->family = FLOW_IPV6;
	key->tos = word >> 20;
	key->protocol = ip[6];
	origin->flow_label = word & 0xfffff;
	origin->ttl = ip[7];
	for (int i = 0; i < 4; i++) {
		word = PARSE_LOAD(__u32, ip + 8 + 4 * i);
		__builtin_memcpy(key->src_addr + 4 * i, &word, 4);
		word = PARSE_LOAD(__u32, ip + 24 + 4 * i);
		__builtin_memcpy(key->dst_addr + 4 * i, &word, 4);
	}
	c->ip_len = PARSE_BE16(ip + 4) + PARSE_IPV6_LEN;
	c->at += PARSE_IPV6_LEN;
	/* Linux's BIG TCP has a jumbo option (RFC 2675) that no segment has. */
	if (packet->gso_size && c->ip_len == PARSE_IPV6_LEN && !key->protocol)
		c->l2_len += PARSE_JUMBO_LEN;
	return parse_extensions(c, key);
}

/* The next N octets of layer 4, or NULL: a short frame is padded, and padding
 * must not be read for ports. */
static __always_inline const __u8 *
cursor_next_l4(const struct cursor *c, __u32 n)
{
	if (c->at + n > c->l2_len + c->ip_len)
		return (const __u8 *)0;
	return cursor_next(c, n);
}

/* Ports, TCP flags, ICMP type and code. */
static __always_inline int
parse_l4(struct cursor *c, struct flow_key *key, struct flow_value *value)
{
	const struct protocol *protocol = &parse_protocol[key->protocol];
	const __u8 *p;

	if (protocol->kind < KIND_ICMP)
		return PARSE_WHOLE;
	p = cursor_next_l4(c, 4);
	if (!p)
		return PARSE_CUT;
	if (protocol->kind == KIND_ICMP) {
		key->dst_port = PARSE_BE16(p);
		return PARSE_WHOLE;
	}
	key->src_port = PARSE_BE16(p);
	key->dst_port = PARSE_BE16(p + 2);
	c->l4_len = protocol->len;
	if (protocol->kind != KIND_TCP)
		return PARSE_WHOLE;
	p = cursor_next_l4(c, 14);
	if (!p)
		return PARSE_CUT;
	value->tcp_flags = PARSE_BE16(p + 12) & 0x0fff;
	c->l4_len = (p[12] >> 4) * 4;
	return PARSE_WHOLE;
}

/* The length in the IP header, or what is there where it cannot be meant: a
 * header that lies, several segments in one skb, BIG TCP. */
static __always_inline __u32
parse_ip_len(const struct cursor *c, const struct packet *packet)
{
	__u32 l3_octets = packet->len - c->l2_len;
	__u32 header = c->at - c->l2_len;

	if (packet->gso_size || c->ip_len < header || c->ip_len > l3_octets)
		return l3_octets;
	return c->ip_len;
}

/* Packets and layer 3 octets as on the wire; HEADERS stand in each segment, and
 * where a tunnel has more of them, only the kernel's own sum knows. */
static __always_inline void
parse_count(const struct cursor *c, const struct packet *packet,
	    struct flow_value *value)
{
	__u32 headers = c->at - c->l2_len + c->l4_len;
	__u32 segments = packet->gso_segs;
	__u64 wire;

	if (headers > c->ip_len) /* they lie */
		headers = c->ip_len;
	/* A guest's or tun device's skb comes without the count. */
	if (!segments && packet->gso_size && c->ip_len > headers)
		segments = (c->ip_len - headers + packet->gso_size - 1) /
			   packet->gso_size;
	value->packets = segments > 1 ? segments : 1;
	value->octets = c->ip_len + (__u64)(value->packets - 1) * headers;
	wire = (__u64)value->packets * c->l2_len + value->octets;
	if (value->packets > 1 && packet->wire_len > wire)
		value->octets += packet->wire_len - wire;
}

/*
 * KEY comes zeroed but for its Observation Point, VALUE zeroed but for times.
 * Never reads at or beyond END; PACKET->len is never less than what is there.
 * VALUE->packets is right whatever the result.
 */
static __always_inline int
parse_packet(const __u8 *data, const __u8 *end, const struct packet *packet,
	     struct flow_key *key, struct flow_value *value)
{
	struct cursor c = { .data = data, .end = end };
	__u16 type = packet->protocol;
	int result;

	key->vlan_id = packet->vlan_id;
	value->packets = packet->gso_segs ? packet->gso_segs : 1;
	if (!type)
		type = parse_ethernet(&c, key, &value->origin);
	if (type == ETHERTYPE_IPV4)
		result = parse_ipv4(&c, key, &value->origin);
	else if (type == ETHERTYPE_IPV6)
		result = parse_ipv6(&c, packet, key, &value->origin);
	else
		return type ? PARSE_IGNORED : PARSE_MALFORMED;
	if (result == PARSE_MALFORMED)
		return result;
	c.ip_len = parse_ip_len(&c, packet);
	if (result == PARSE_WHOLE && !c.fragment)
		result = parse_l4(&c, key, value);
	parse_count(&c, packet, value);
	return result;
}

#endif
