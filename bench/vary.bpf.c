/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vary.bpf.c - makes one packet many flows', and hands it on.
 *
 * bpf_prog_test_run repeats one packet: vary gives it another IPv4 source
 * address before each look at it, in order or in one that is not that in which
 * flows were made, and goes on to the program under test.  With empty there,
 * that is all it does: what another costs is the difference.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Set before each run. */
__u32 flow_mask; /* flows, a power of two, less one; 0: the packet as it is */
__u32 in_order;
__u32 state;

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} subject SEC(".maps");

/* A linear congruential generator, whose low bits are regular: so mixed. */
static __always_inline __u32
next_random(void)
{
	__u32 x = state * 1664525 + 1013904223;

	state = x;
	x ^= x >> 16;
	x *= 0x7feb352d;
	return x ^ x >> 15;
}

SEC("tc")
int
vary(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data;
	__u32 flow = in_order ? state++ : next_random();

	if (flow_mask && data + 34 <= (__u8 *)(long)skb->data_end)
		*(__u32 *)(data + 26) = flow & flow_mask;
	bpf_tail_call_static(skb, &subject, 0);
	return -1;
}

SEC("tc")
int
empty(struct __sk_buff *skb)
{
	return -1;
}

char LICENSE[] SEC("license") = "GPL";
