/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hash.bpf.c - what is compared with: flows in a hash map of the kernel's.
 *
 * The program that one would write first, and no more than that: TCP and UDP
 * over IPv4 and IPv6, atomic additions, a clock.  It leaves out tags, options,
 * extensions, fragments, segments and counters.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u8 src[16], dst[16];
	__u16 src_port, dst_port;
	__u32 if_index;
	__u8 protocol, pad[7];
};

struct value {
	__u64 packets, octets;
	__u64 first_ns, last_ns;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, struct key);
	__type(value, struct value);
} flows SEC(".maps");

/* Where the ports are, behind a header that fits before END. */
static __always_inline __u8 *
read_ip(struct ethhdr *ether, __u8 *end, struct key *key, __u64 *octets)
{
	struct iphdr *ip = (void *)(ether + 1);
	struct ipv6hdr *ipv6 = (void *)(ether + 1);

	if (ether->h_proto == bpf_htons(ETH_P_IP) && (__u8 *)(ip + 1) <= end) {
		__builtin_memcpy(key->src, &ip->saddr, 4);
		__builtin_memcpy(key->dst, &ip->daddr, 4);
		key->protocol = ip->protocol;
		*octets = bpf_ntohs(ip->tot_len);
		return (__u8 *)(ip + 1);
	}
	if (ether->h_proto == bpf_htons(ETH_P_IPV6) &&
	    (__u8 *)(ipv6 + 1) <= end) {
		__builtin_memcpy(key->src, &ipv6->saddr, 16);
		__builtin_memcpy(key->dst, &ipv6->daddr, 16);
		key->protocol = ipv6->nexthdr;
		*octets = bpf_ntohs(ipv6->payload_len) + 40;
		return (__u8 *)(ipv6 + 1);
	}
	return 0;
}

static __always_inline void
account(const struct key *key, __u64 octets)
{
	__u64 now = bpf_ktime_get_ns();
	struct value *value = bpf_map_lookup_elem(&flows, key);
	struct value begun = { 1, octets, now, now };

	if (!value &&
	    bpf_map_update_elem(&flows, key, &begun, BPF_NOEXIST) == 0)
		return;
	if (!value) /* another CPU was first, or there is no room */
		value = bpf_map_lookup_elem(&flows, key);
	if (!value)
		return;
	__sync_fetch_and_add(&value->packets, 1);
	__sync_fetch_and_add(&value->octets, octets);
	value->last_ns = now;
}

SEC("tc")
int
hash(struct __sk_buff *skb)
{
	struct ethhdr *ether = (void *)(long)skb->data;
	__u8 *end = (void *)(long)skb->data_end, *ports;
	struct key key = { .if_index = skb->ifindex };
	__u64 octets;

	if ((__u8 *)(ether + 1) > end)
		return -1;
	ports = read_ip(ether, end, &key, &octets);
	if (!ports || ports + 4 > end)
		return -1;
	key.src_port = bpf_ntohs(*(__u16 *)ports);
	key.dst_port = bpf_ntohs(*(__u16 *)(ports + 2));
	account(&key, octets);
	return -1;
}

char LICENSE[] SEC("license") = "GPL";
