/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * select.h - which packets sampling takes: the same at each observation point.
 *
 * Points that drew for themselves would give a packet that passes two of them
 * two chances, and a flow of few packets be told of by whichever point happened
 * to take one: deduplicated, small flows would count up to twice.  So a keyed
 * hash of what a router leaves as it is decides (RFC 5475 6.2): addresses, the
 * identification of IPv4, and the first 16 octets behind the IP header. Packets
 * that do not differ in these would all be taken, or none: so the time goes
 * along, which is the same for all points but for the one packet in some
 * hundreds that is on its way when the epoch ends.
 *
 * Costs some nanoseconds a packet, which it need not be parsed for.
 */
#ifndef SELECT_H
#define SELECT_H

#include "flow.h"

enum {
	SELECT_WORDS = 8,
	SELECT_IPV4 = 20 + 16, /* octets that are looked at */
	SELECT_IPV6 = 40 + 16,
	SELECT_OTHER = 4 * SELECT_WORDS,
	SELECT_EPOCH_SHIFT = 3, /* jiffies: 8 to 80 ms */
};

typedef __u32 __attribute__((may_alias, aligned(1))) select_word;

/* NH, as table_hash() in table.h, whose keys come in another order here. */
static __always_inline int
select_takes(const volatile struct flow_tunables *tunables,
	     const __u32 w[SELECT_WORDS], __u64 jiffies)
{
	const volatile __u32 *k = tunables->hash_key;
	__u64 h = (jiffies >> SELECT_EPOCH_SHIFT) * 0xd6e8feb86659fd93ULL;

#pragma GCC unroll 4
	for (int i = 0; i < SELECT_WORDS; i += 2)
		h += (__u64)(__u32)(w[i] + k[i + 3]) *
		     (__u32)(w[i + 1] + k[i + 2]);
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15ULL;
	return (h >> 32) * tunables->sampling >> 32 == 0;
}

/* AT has SELECT_IPV4 octets. */
static __always_inline int
select_ipv4(const volatile struct flow_tunables *tunables, const void *at,
	    __u64 jiffies)
{
	const select_word *ip = at;
	/* not length, TOS, TTL and checksum */
	const __u32 w[SELECT_WORDS] = { ip[1], ip[3], ip[4], ip[5],
					ip[6], ip[7], ip[8] };

	return select_takes(tunables, w, jiffies);
}

/* AT has SELECT_IPV6 octets. */
static __always_inline int
select_ipv6(const volatile struct flow_tunables *tunables, const void *at,
	    __u64 jiffies)
{
	const select_word *ip = at;
	/* not traffic class and hop limit; of addresses, interface IDs */
	const __u32 w[SELECT_WORDS] = { ip[4],	ip[5],	ip[8],	ip[9],
					ip[10], ip[11], ip[12], ip[13] };

	return select_takes(tunables, w, jiffies);
}

/* AT has SELECT_OTHER octets. */
static __always_inline int
select_other(const volatile struct flow_tunables *tunables, const void *at,
	     __u64 jiffies)
{
	const select_word *word = at;
	const __u32 w[SELECT_WORDS] = { word[0], word[1], word[2], word[3],
					word[4], word[5], word[6], word[7] };

	return select_takes(tunables, w, jiffies);
}

#endif
