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

#include "parse_link.h"

enum parse_result {
	PARSE_WHOLE,	 /* key and value are filled */
	PARSE_CUT,	 /* the same, but headers lack */
	PARSE_MALFORMED, /* short or inconsistent: no flow can be named */
};

enum {
	PARSE_IPV4_LEN = 20,
	PARSE_IPV6_LEN = 40,
	PARSE_JUMBO_LEN = 8,
	PARSE_MAX_EXTENSIONS = 6,
};

/* RFC 791 3.1. */
static __always_inline int
parse_ipv4(struct cursor *c, struct flow_key *key, struct flow_value *value)
{
	const __u8 *ip = cursor_next(c, PARSE_IPV4_LEN);
	const __u16 mapped = 0xffff;
	__u32 address, fragment, len;

	if (!ip || ip[0] >> 4 != 4)
		return PARSE_MALFORMED;
	len = (ip[0] & 0x0f) * 4;
	if (len < PARSE_IPV4_LEN)
		return PARSE_MALFORMED;
	key->family = FLOW_IPV4;
	key->tos = ip[1];
	key->protocol = ip[9];
	value->origin.ttl = ip[8];
	address = PARSE_LOAD(__u32, ip + 12);
	__builtin_memcpy(key->src_addr + 10, &mapped, 2);
	__builtin_memcpy(key->src_addr + 12, &address, 4);
	address = PARSE_LOAD(__u32, ip + 16);
	__builtin_memcpy(key->dst_addr + 10, &mapped, 2);
	__builtin_memcpy(key->dst_addr + 12, &address, 4);
	c->ip_len = PARSE_BE16(ip + 2);
	fragment = PARSE_BE16(ip + 6);
	value->fragment_flags = fragment >> 8 & (FLOW_DF | FLOW_MF) >> 8;
	value->origin.fragment_offset = fragment & 0x1fff;
	c->at += len;
	return PARSE_WHOLE;
}

/* RFC 8200 4, RFC 4302 2.2. */
static __always_inline int
parse_extensions(struct cursor *c, const struct packet *packet,
		 struct flow_key *key, struct flow_value *value)
{
	for (int i = 0; i < PARSE_MAX_EXTENSIONS; i++) {
		const struct protocol *protocol =
			&parse_protocol[key->protocol];
		const __u8 *p;
		__u32 fragment;

		if (protocol->kind != KIND_EXTENSION)
			return PARSE_WHOLE;
		p = cursor_next(c, 8);
		if (!p)
			return PARSE_CUT;
		key->protocol = p[0];
		/* The mask tells the verifier how far this can go. */
		c->at += 8 + p[1] * (protocol->len & 0x0c);
		PARSE_BLUR(c->at, packet->len);
		fragment = PARSE_BE16(p + 2) & protocol->fragment_mask;
		if (fragment & 1)
			value->fragment_flags = FLOW_MF >> 8;
		value->origin.fragment_offset = fragment >> 3;
		if (fragment >> 3)
			return PARSE_WHOLE;
	}
	return parse_protocol[key->protocol].kind == KIND_EXTENSION
		       ? PARSE_CUT
		       : PARSE_WHOLE;
}

/* RFC 8200 3. */
static __always_inline int
parse_ipv6(struct cursor *c, const struct packet *packet, struct flow_key *key,
	   struct flow_value *value)
{
	const __u8 *ip = cursor_next(c, PARSE_IPV6_LEN);
	__u32 word;

	if (!ip || ip[0] >> 4 != 6)
		return PARSE_MALFORMED;
	word = PARSE_BE32(ip);
	key->family = FLOW_IPV6;
	key->tos = word >> 20;
	key->protocol = ip[6];
	value->origin.flow_label = word & 0xfffff;
	value->origin.ttl = ip[7];
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
	return parse_extensions(c, packet, key, value);
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

/* Of the segments, all but the last are equal. */
static __always_inline void
parse_extremes(const struct packet *packet, __u32 headers,
	       struct flow_value *value)
{
	__u64 max = value->octets, min = value->octets;

	if (value->packets > 1) {
		max = headers + packet->gso_size;
		min -= (value->packets - 1) * max;
		if (min > max) /* they lie, or are SCTP's and not equal */
			min = max = value->octets / value->packets;
	}
	value->extremes.max_len = max > 0xffff ? 0xffff : max;
	value->extremes.min_len = min > 0xffff ? 0xffff : min;
	value->extremes.min_ttl = value->origin.ttl;
	value->extremes.max_ttl = value->origin.ttl;
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
	parse_extremes(packet, headers, value);
	wire = (__u64)value->packets * c->l2_len + value->octets;
	if (value->packets > 1 && packet->wire_len > wire)
		value->octets += packet->wire_len - wire;
}

/* What we cannot read is a flow for each pair of MACs and EtherType. */
static __always_inline int
parse_other(struct cursor *c, const struct packet *packet,
	    struct flow_key *key, const struct flow_value *value)
{
	key->family = FLOW_OTHER;
	key->dst_port = value->origin.ether_type;
	__builtin_memcpy(key->src_addr, value->origin.src_mac, 6);
	__builtin_memcpy(key->dst_addr, value->origin.dst_mac, 6);
	c->at = c->l2_len;
	c->ip_len = packet->len - c->l2_len;
	return PARSE_WHOLE;
}

/*
 * KEY comes zeroed but for its Observation Point, VALUE zeroed but for times,
 * and for MACs where no Ethernet header comes first.
 * Never reads at or beyond END; PACKET->len is never less than what is there.
 * VALUE->packets is right whatever the result.
 */
static __always_inline int
parse_packet(const __u8 *data, const __u8 *end, const struct packet *packet,
	     struct flow_key *key, struct flow_value *value)
{
	struct cursor c = { .data = data, .end = end };
	__u16 type;
	int result;

	value->packets = packet->gso_segs ? packet->gso_segs : 1;
	type = parse_l2(&c, packet, key, &value->origin);
	if (!type)
		return PARSE_MALFORMED;
	PARSE_BLUR(c.at, packet->len);
	PARSE_BLUR(c.l2_len, packet->len);
	if (c.at > PARSE_MAX_L2)
		return PARSE_MALFORMED;
	if (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6)
		c.l2_len = c.at;
	if (type == ETHERTYPE_IPV4)
		result = parse_ipv4(&c, key, value);
	else if (type == ETHERTYPE_IPV6)
		result = parse_ipv6(&c, packet, key, value);
	else
		result = parse_other(&c, packet, key, value);
	if (result == PARSE_MALFORMED)
		return result;
	c.ip_len = parse_ip_len(&c, packet);
	if (value->origin.fragment_offset)
		key->marks = FLOW_LATER;
	else if (result == PARSE_WHOLE)
		result = parse_l4(&c, key, value);
	parse_count(&c, packet, value);
	return result;
}

#endif
