/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_link.h - layer 2: Ethernet, tags, labels and sessions.
 *
 * What of them a flow remembers goes into its key and origin; what follows them
 * is for parse.h.
 */
#ifndef PARSE_LINK_H
#define PARSE_LINK_H

#include "parse_cursor.h"
#include "protocol.h"

enum {
	PARSE_ETHER_LEN = 14,
	PARSE_VLAN_LEN = 4,
	PARSE_MAX_VLANS = 2,
	PARSE_MPLS_LEN = 4,
	PARSE_MAX_LABELS = 6,
	PARSE_PPPOE_LEN = 8, /* with the protocol of PPP */
	PARSE_MAX_L2 = 64,
};

/* MACs; the EtherType behind them, or 0 when they are cut. */
static __always_inline __u16
parse_ethernet(struct cursor *c, struct flow_origin *origin)
{
	const __u8 *p = cursor_next(c, PARSE_ETHER_LEN);

	if (!p)
		return 0;
	__builtin_memcpy(origin->dst_mac, p, 6);
	__builtin_memcpy(origin->src_mac, p + 6, 6);
	c->at = PARSE_ETHER_LEN;
	return PARSE_BE16(p + 12);
}

/* IEEE 802.1Q 9.6; a VID of 0 is no VLAN, only a priority. */
static __always_inline void
parse_tag(__u16 tci, struct flow_key *key, struct flow_origin *origin)
{
	if (!key->vlan_id) {
		key->vlan_id = tci & 0x0fff;
		origin->vlan_priority = tci >> 13;
	} else if (!origin->customer_vlan_id) {
		origin->customer_vlan_id = tci & 0x0fff;
		origin->customer_priority = tci >> 13;
	}
}

/* Tags in the data; the EtherType behind them, or 0 when they are cut. */
static __always_inline __u16
parse_tags(struct cursor *c, const struct packet *packet, __u16 type,
	   struct flow_key *key, struct flow_origin *origin)
{
	if (packet->vlan_tci)
		parse_tag(packet->vlan_tci, key, origin);
	for (int i = 0; i < PARSE_MAX_VLANS; i++) {
		const __u8 *p;

		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ)
			break;
		p = cursor_next(c, PARSE_VLAN_LEN);
		if (!p)
			return 0;
		parse_tag(PARSE_BE16(p), key, origin);
		type = PARSE_BE16(p + 2);
		c->at += PARSE_VLAN_LEN;
	}
	return type;
}

/* RFC 3032: what the stack hides is told by its first nibble (RFC 4928 3). */
static __always_inline __u16
parse_mpls(struct cursor *c, struct flow_origin *origin)
{
	const __u8 *p;

	for (int i = 0; i < PARSE_MAX_LABELS; i++) {
		p = cursor_next(c, PARSE_MPLS_LEN + 1);
		if (!p)
			return 0;
		if (i < 3)
			__builtin_memcpy(origin->mpls[i], p, 3);
		c->at += PARSE_MPLS_LEN;
		if (!(p[2] & 1))
			continue;
		if (p[4] >> 4 == 4)
			return ETHERTYPE_IPV4;
		return p[4] >> 4 == 6 ? ETHERTYPE_IPV6 : PARSE_NO_ETHERTYPE;
	}
	return PARSE_NO_ETHERTYPE;
}

/* RFC 2516 4. */
static __always_inline __u16
parse_pppoe(struct cursor *c)
{
	const __u8 *p = cursor_next(c, PARSE_PPPOE_LEN);

	if (!p)
		return 0;
	c->at += PARSE_PPPOE_LEN;
	if (p[0] != 0x11 || p[1] != 0)
		return PARSE_NO_ETHERTYPE;
	if (PARSE_BE16(p + 6) == PPP_IPV4)
		return ETHERTYPE_IPV4;
	return PARSE_BE16(p + 6) == PPP_IPV6 ? ETHERTYPE_IPV6
					     : PARSE_NO_ETHERTYPE;
}

/* All of layer 2: the EtherType of what then follows, or 0 when it is cut. */
static __always_inline __u16
parse_l2(struct cursor *c, const struct packet *packet, struct flow_key *key,
	 struct flow_origin *origin)
{
	__u16 type = packet->protocol;

	if (!type)
		type = parse_ethernet(c, origin);
	type = parse_tags(c, packet, type, key, origin);
	origin->ether_type = type < ETHERTYPE_MIN ? 0 : type;
	c->l2_len = c->at;
	if (type == ETHERTYPE_MPLS || type == ETHERTYPE_MPLS_UPSTREAM)
		return parse_mpls(c, origin);
	if (type == ETHERTYPE_PPPOE)
		return parse_pppoe(c);
	return type;
}

#endif
