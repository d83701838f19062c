/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample.h - sampling, in the kernel: whether a packet is left out.
 *
 * Part of flow.bpf.c, whose tunables it goes by, before the packet is parsed.
 * It throws dice, for 3 ns a packet; where what several points tell of a packet
 * is to be told once, what is in the packet decides: see select.h.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "parse_link.h"
#include "select.h"

/* Whether sampling leaves this packet out: 0 to 2N - 2 are skipped, N - 1 in
 * the mean, and the choice does not depend on the packets. */
static __always_inline int
skip(struct flow_cpu *cpu)
{
	if (cpu->skip) {
		cpu->skip--;
		return 1;
	}
	cpu->skip = bpf_get_prandom_u32() % (2 * tunables.sampling - 1);
	return 0;
}

/* Of a packet whose headers are not linear, or short, or behind a tag: whether
 * it is taken.  A global function, for which the verifier does not come back.
 */
__noinline int
selected_slowly(struct __sk_buff *skb, __u32 at, __u32 protocol)
{
	__u32 octets[SELECT_IPV6 / 4] = { 0 };
	__u64 now = bpf_jiffies64();
	__u32 last;
	__be16 inner;

	if ((protocol == ETHERTYPE_VLAN || protocol == ETHERTYPE_QINQ) &&
	    bpf_skb_load_bytes(skb, at + 2, &inner, sizeof(inner)) == 0) {
		at += 4;
		protocol = bpf_ntohs(inner);
	}
	/* Linux 6.1 knows that this is not below 0, not that it is not 0: one
	 * less is what is bounded.  Nothing at all is too much to load. */
	last = skb->len - at - 1;
	asm volatile("" : "+r"(last));
	if (last >= sizeof(octets))
		last = sizeof(octets) - 1;
	if (bpf_skb_load_bytes(skb, at, octets, last + 1))
		return 0;
	if (protocol == ETHERTYPE_IPV4)
		return select_ipv4(&tunables, octets, now);
	if (protocol == ETHERTYPE_IPV6)
		return select_ipv6(&tunables, octets, now);
	return select_other(&tunables, octets, now);
}

/* Whether sampling takes this packet, at whatever point it is seen.  PROTOCOL
 * is 0 where there is an Ethernet header. */
static __always_inline int
selected(struct __sk_buff *skb, __u16 protocol)
{
	__u32 at = protocol ? 0 : PARSE_ETHER_LEN;
	const __u8 *ip = (const __u8 *)(long)skb->data + at;
	const __u8 *end = (const __u8 *)(long)skb->data_end;

	if (!protocol)
		protocol = bpf_ntohs(skb->protocol);
	if (protocol == ETHERTYPE_IPV4 && ip + SELECT_IPV4 <= end)
		return select_ipv4(&tunables, ip, bpf_jiffies64());
	if (protocol == ETHERTYPE_IPV6 && ip + SELECT_IPV6 <= end)
		return select_ipv6(&tunables, ip, bpf_jiffies64());
	return selected_slowly(skb, at, protocol);
}

static __always_inline int
left_out(struct flow_cpu *cpu, struct __sk_buff *skb, __u16 protocol)
{
	if (tunables.sampling <= 1)
		return 0;
	return tunables.consistent ? !selected(skb, protocol) : skip(cpu);
}

#endif
