/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * datapath.bpf.c - the kernel programs, whole, over packets of many flows.
 *
 * bpf_prog_test_run repeats one packet; before each look at it a step of a
 * linear congruential generator gives it another source address.  bench_empty
 * does that and nothing else: what the rest costs is the difference.
 */
#include "../bpf/flow.bpf.c"

const volatile __u32 flow_mask; /* flows, a power of two, less one */

static __always_inline void
vary(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data;
	__u32 x = skb->mark * 1664525 + 1013904223;

	skb->mark = x;
	/* The low bits of the generator are regular: mix, and memory is visited
	 * in another order than flows were made. */
	x ^= x >> 16;
	x *= 0x7feb352d;
	x ^= x >> 15;
	if (data + 34 <= (__u8 *)(long)skb->data_end)
		*(__u32 *)(data + 26) = x & flow_mask;
}

SEC("tc")
int
bench_empty(struct __sk_buff *skb)
{
	vary(skb);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int
bench_flow(struct __sk_buff *skb)
{
	vary(skb);
	return observe(skb, FLOW_INGRESS, 0);
}
