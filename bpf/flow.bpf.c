/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow.bpf.c - the kernel programs: ingress and egress of an interface.
 *
 * They never change what is sent: every packet goes on, as it came, to whatever
 * program comes next.  On ingress they run in softirq, on egress with bottom
 * halves off, so that what is a CPU's own has one writer at a time.
 *
 * Built twice.  Where the kernel's programs lack atomic compare-and-swap
 * (before Linux 5.12; 5.18 on arm64), FLOW_PARTITIONED: each CPU has a part of
 * the table of its own, and a flow that comes to several CPUs several slots.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "flow.h"
#include "parse.h"

#ifndef FLOW_PARTITIONED
#define FLOW_PARTITIONED 0
#endif

const volatile struct flow_tunables tunables SEC(".rodata.tunables") = {};

/* The daemon sets the sizes of the arrays before it loads us. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_bucket);
} tags SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FLOW_BUCKET);
	__type(key, __u32);
	__type(value, struct flow_hot);
} hot SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, FLOW_BUCKET);
	__type(key, __u32);
	__type(value, struct flow_origin);
} cold SEC(".maps");

/* One element, unless tunables.extremes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_extremes);
} extremes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_cpu);
} cpus SEC(".maps");

/* What found the table full, as struct flow_packet; made if tunables.overflow.
 */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} overflow SEC(".maps");

/* What flow_now read. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_clock);
} clock SEC(".maps");

/* No program reads it: an update of a map of maps returns after an RCU grace
 * period (kernel/bpf/syscall.c, maybe_wait_bpf_programs), which is how the
 * daemon knows that nobody adds to a slot any longer. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_ARRAY);
			__uint(max_entries, 1);
			__type(key, __u32);
			__type(value, __u32);
		});
} grace SEC(".maps");

struct table {
	__u32 first_bucket; /* of this CPU's partition */
};

static __always_inline struct flow_bucket *
table_bucket(struct table *table, __u32 bucket)
{
	bucket += table->first_bucket;
	return bpf_map_lookup_elem(&tags, &bucket);
}

static __always_inline struct flow_hot *
table_hot(struct table *table, __u32 slot)
{
	slot += table->first_bucket * FLOW_BUCKET;
	return bpf_map_lookup_elem(&hot, &slot);
}

static __always_inline struct flow_origin *
table_origin(struct table *table, __u32 slot)
{
	slot += table->first_bucket * FLOW_BUCKET;
	return bpf_map_lookup_elem(&cold, &slot);
}

static __always_inline struct flow_extremes *
table_extremes(struct table *table, __u32 slot)
{
	slot += table->first_bucket * FLOW_BUCKET;
	return bpf_map_lookup_elem(&extremes, &slot);
}

#define TABLE_EXTREMES(table) tunables.extremes
#define TABLE_TCP_END(table)  tunables.tcp_end
#define TABLE_FIRST_NS(value) bpf_ktime_get_boot_ns()
#define TABLE_SHARED	      !FLOW_PARTITIONED
#include "table.h"

static __always_inline __u32
tick(void)
{
	if (tunables.precise)
		return bpf_ktime_get_boot_ns() >> FLOW_PRECISE_SHIFT;
	return bpf_jiffies64();
}

enum { HEADERS = 192 }; /* more than the headers that parse.h looks at */

/* Moves the headers into the skb's linear part; false: there they are. */
static __always_inline int
pull(struct __sk_buff *skb)
{
	__u32 n = skb->len < HEADERS ? skb->len : HEADERS;

	if ((void *)(long)skb->data + n <= (void *)(long)skb->data_end)
		return 0;
	return bpf_skb_pull_data(skb, n) == 0;
}

static __always_inline struct flow_cpu *
this_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cpus, &zero);
}

/* One look at what is linear now. */
static __always_inline int
parse(struct __sk_buff *skb, __u32 direction, __u32 protocol,
      struct flow_packet *to)
{
	const struct packet packet = {
		.len = skb->len,
		.gso_size = skb->gso_size,
		.gso_segs = skb->gso_segs,
		/* On ingress it knows of no segments (sch_handle_ingress). */
		.wire_len = direction == FLOW_EGRESS ? skb->wire_len : 0,
		.protocol = protocol,
		.vlan_tci = skb->vlan_present ? skb->vlan_tci : 0,
	};

	__builtin_memset(to, 0, sizeof(*to));
	to->key.if_index = skb->ifindex;
	to->key.direction = direction;
	return parse_packet((void *)(long)skb->data,
			    (void *)(long)skb->data_end, &packet, &to->key,
			    &to->value);
}

/* Another look, if that shows more.  A global function, for which the verifier
 * does not come back. */
__noinline int
parse_again(struct __sk_buff *skb, __u32 direction, __u32 protocol, int result)
{
	struct flow_cpu *cpu = this_cpu();

	if (!cpu || !pull(skb))
		return result;
	return parse(skb, direction, protocol, &cpu->packet);
}

#include "sample.h"

/* The daemon is woken only if it had read all and waits: live_beat.h. */
static __always_inline int
overflows(const struct flow_packet *packet)
{
	struct flow_packet *room;

	room = bpf_ringbuf_reserve(&overflow, sizeof(*room), 0);
	if (!room)
		return 0;
	*room = *packet;
	room->value.origin.first_ns = bpf_ktime_get_boot_ns();
	bpf_ringbuf_submit(room, 0);
	return 1;
}

static __always_inline void
account(struct flow_counters *count, const struct flow_packet *packet)
{
	struct table table = { 0 };
	int result;

	if (FLOW_PARTITIONED)
		table.first_bucket =
			bpf_get_smp_processor_id() * tunables.n_buckets;
	result = table_account(&table, tunables.n_buckets,
			       table_hash(&tunables, &packet->key),
			       &packet->key, &packet->value);
	if (result == TABLE_CREATED) {
		count->flows_created++;
	} else if (result == TABLE_FULL && tunables.overflow &&
		   overflows(packet)) {
		count->packets_overflowed += packet->value.packets;
	} else if (result == TABLE_FULL) {
		count->packets_unaccounted += packet->value.packets;
		count->octets_unaccounted += packet->value.octets;
	}
}

static __always_inline int
observe(struct __sk_buff *skb, __u8 direction, __u16 protocol)
{
	struct flow_cpu *cpu = this_cpu();
	struct flow_value *value;
	int result;

	if (!cpu)
		return TC_ACT_UNSPEC;
	if (left_out(cpu, skb, protocol)) {
		__u32 packets = skb->gso_segs ? skb->gso_segs : 1;

		cpu->count.packets_seen += packets;
		cpu->count.packets_ignored += packets;
		return TC_ACT_UNSPEC;
	}
	value = &cpu->packet.value;
	result = parse(skb, direction, protocol, &cpu->packet);
	if (result >= PARSE_CUT)
		result = parse_again(skb, direction, protocol, result);
	cpu->count.packets_seen += value->packets;
	if (result == PARSE_MALFORMED) {
		cpu->count.packets_malformed += value->packets;
		return TC_ACT_UNSPEC;
	}
	cpu->count.octets_seen += value->octets;
	value->last = tick();
	if (direction == FLOW_EGRESS)
		value->origin.from_if_index = skb->ingress_ifindex;
	account(&cpu->count, &cpu->packet);
	return TC_ACT_UNSPEC;
}

SEC("tc")
int
flow_ingress(struct __sk_buff *skb)
{
	return observe(skb, FLOW_INGRESS, 0);
}

SEC("tc")
int
flow_egress(struct __sk_buff *skb)
{
	return observe(skb, FLOW_EGRESS, 0);
}

/* Never 0, for which parse.h looks for an Ethernet header. */
static __always_inline __u16
l3_protocol(const struct __sk_buff *skb)
{
	__u16 protocol = bpf_ntohs(skb->protocol);

	return protocol ? protocol : PARSE_NO_ETHERTYPE;
}

/* Devices without a layer 2 header: tun, wireguard, ppp. */
SEC("tc")
int
flow_ingress_l3(struct __sk_buff *skb)
{
	return observe(skb, FLOW_INGRESS, l3_protocol(skb));
}

SEC("tc")
int
flow_egress_l3(struct __sk_buff *skb)
{
	return observe(skb, FLOW_EGRESS, l3_protocol(skb));
}

/* Run by the daemon: one instant on both clocks. */
SEC("tc")
int
flow_now(struct __sk_buff *skb)
{
	struct flow_clock *now;
	__u32 zero = 0;

	now = bpf_map_lookup_elem(&clock, &zero);
	if (!now)
		return 0;
	now->boot_ns = bpf_ktime_get_boot_ns();
	now->jiffies = bpf_jiffies64();
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
