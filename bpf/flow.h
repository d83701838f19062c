/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow.h - the seam: what the kernel programs and the daemon both know.
 *
 * A packet becomes a key and a value (parse.h); values with equal keys merge
 * into one slot of the flow table (table.h); the daemon reads slots and hands
 * on records that embed these very structs (src/record.h).  A new measured
 * value is a member here, a line where it merges, a line in parse.h and a row
 * in src/field.c.
 *
 * Integers are in host byte order; addresses and MACs are octets as on the
 * wire.  Widths are fixed and padding is named and zero: keys are compared and
 * hashed as words.
 */
#ifndef FLOW_H
#define FLOW_H

#include <linux/types.h>

/* As IPFIX element 61, flowDirection. */
enum flow_direction {
	FLOW_INGRESS = 0,
	FLOW_EGRESS = 1,
};

/* As IPFIX element 60, ipVersion. */
enum flow_family {
	FLOW_OTHER = 0, /* not IP, or not to be read as IP */
	FLOW_IPV4 = 4,
	FLOW_IPV6 = 6,
};

/* The bits of marks, DF and MF as in octets 6 and 7 of an IPv4 header. */
enum flow_marks {
	FLOW_LATER = 0x8000, /* fragments but a datagram's first */
	FLOW_DF = 0x4000,
	FLOW_MF = 0x2000,
	FLOW_TCP_FLAGS = 0x0fff,
};

/* What makes packets one flow. */
struct flow_key {
	__u8 src_addr[16]; /* IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2) */
	__u8 dst_addr[16]; /* FLOW_OTHER: the MAC, then zeros */
	__u16 src_port;	   /* 0: the protocol has none, or a later fragment */
	__u16 dst_port;	   /* ICMP: type << 8 | code; FLOW_OTHER: EtherType */
	__u8 protocol;	   /* of the upper layer, behind extension headers */
	__u8 tos;	   /* IPv4 TOS octet, IPv6 traffic class */
	__u16 vlan_id;	   /* outermost 802.1Q VID; 0: untagged */
	__u32 if_index;	   /* the Observation Point: interface ... */
	__u8 direction;	   /* ... and enum flow_direction */
	__u8 family;	   /* enum flow_family */
	__u16 marks;	   /* FLOW_LATER; a slot gathers the others here */
} __attribute__((aligned(8)));

/* What is known once, of a flow's first packet. */
struct flow_origin {
	__u64 first_ns; /* CLOCK_BOOTTIME; in a capture: since the epoch */
	__u8 src_mac[6];
	__u8 dst_mac[6];
	__u32 flow_label;    /* IPv6, 20 bits */
	__u32 from_if_index; /* of a forwarded packet seen on egress; else 0 */
	__u16 ether_type;    /* behind all tags; 0: an IEEE 802.3 length */
	__u16 fragment_offset;	/* in 8 octets */
	__u16 customer_vlan_id; /* of the second tag */
	__u8 customer_priority;
	__u8 vlan_priority; /* of the outermost tag (IEEE 802.1Q PCP) */
	__u8 mpls[3][3];    /* label, class and S of the topmost (RFC 3032) */
	__u8 ttl;	    /* IPv4 TTL, IPv6 hop limit */
	__u8 pad[2];
};

/* The smallest and largest packet: kept only if tunables say so. */
struct flow_extremes {
	__u16 min_len; /* of layer 3 */
	__u16 max_len;
	__u8 min_ttl;
	__u8 max_ttl;
	__u8 pad[2];
};

/* What a packet adds to its flow, and what a record tells of one. */
struct flow_value {
	__u64 octets;  /* sum: of layer 3, as IPFIX element 1 counts */
	__u32 packets; /* sum: as on the wire, each GSO segment for itself */
	__u32 last;    /* latest: in ticks of the table's clock, modulo 2^32 */
	__u16 tcp_flags;     /* or: the 12 flag bits of RFC 9293 3.1 */
	__u8 fragment_flags; /* or: as element 197, DF 0x40 and MF 0x20 */
	__u8 pad[5];
	struct flow_extremes extremes;
	struct flow_origin origin; /* first */
};

/* One packet, parsed. */
struct flow_packet {
	struct flow_key key;
	struct flow_value value;
};

/* What of VALUE a slot gathers in its key's marks. */
static inline __u16
flow_marks(const struct flow_value *value)
{
	return value->tcp_flags | value->fragment_flags << 8;
}

/* A slot of the flow table: one line that packets touch, one that they don't.
 */
struct flow_hot {
	struct flow_key key; /* .marks gathers all flags */
	__u64 octets;
	__u32 packets;
	__u32 last;
};

#define FLOW_BUCKET 16 /* slots in a bucket: their tags fill a cache line */

struct flow_bucket {
	__u32 tag[FLOW_BUCKET];
};

/* The states of a slot, in its tag: see table.h. */
enum flow_tag {
	TABLE_FREE = 0,
	TABLE_BUSY = 1,
	TABLE_CLOSING = 3,
	TABLE_ENDED = 4,
	TABLE_LIVE = 16, /* from here on: hash bits */
};

_Static_assert(sizeof(struct flow_key) == 48, "keys are six 64-bit words");
_Static_assert(sizeof(struct flow_hot) == 64, "a slot's hot part is a line");
_Static_assert(sizeof(struct flow_origin) == 48, "no hidden padding");
_Static_assert(sizeof(struct flow_extremes) == 8, "no hidden padding");
_Static_assert(sizeof(struct flow_value) == 80, "no hidden padding");

/*
 * Counters of the programs, one set per CPU; they only grow.  X(name, help)
 * packets_seen = packets in flows + ignored + malformed + unaccounted.
 */
#define FLOW_COUNTERS(X)                                                       \
	X(packets_seen, "packets handed to our programs, as on the wire")      \
	X(octets_seen, "layer 3 octets of those that belong to a flow")        \
	X(packets_ignored, "packets that sampling left out")                   \
	X(packets_malformed, "packets whose headers name no flow")             \
	X(packets_overflowed, "packets that came through the ring buffer")     \
	X(packets_unaccounted, "packets that found no room anywhere")          \
	X(octets_unaccounted, "layer 3 octets of those without room")          \
	X(flows_created, "flows that began")

struct flow_counters {
#define X(name, help) __u64 name;
	FLOW_COUNTERS(X)
#undef X
};

/* A CPU's own: its counters, and room for the packet that it is at. */
struct flow_cpu {
	struct flow_counters count;
	struct flow_packet packet;
	__u64 skip; /* packets that sampling leaves out next */
};

#define FLOW_N_KEYS 12 /* secret 32-bit words of the hash: one per key word */

/* What the daemon tells the programs before they are loaded. */
struct flow_tunables {
	__u32 n_buckets;    /* of each partition */
	__u32 n_partitions; /* one; or one for each CPU, see flow.bpf.c */
	__u32 precise;	    /* read the clock for each packet */
	__u32 extremes;	    /* keep them */
	__u32 overflow;	    /* there is a ring buffer */
	__u32 tcp_end;	    /* a SYN after FIN or RST begins a flow */
	__u32 sampling;	    /* 1 packet in so many; 0 is 1 */
	__u32 consistent;   /* the same at each point: see select.h */
	__u32 hash_key[FLOW_N_KEYS];
};

#define FLOW_PRECISE_SHIFT 10 /* a precise tick is 1,024 ns */

/* What the clock program found: one instant on both of the table's clocks. */
struct flow_clock {
	__u64 boot_ns;
	__u64 jiffies;
};

#endif
