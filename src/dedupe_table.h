/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dedupe_table.h - flows wherever they are seen: who saw them, and when.
 *
 * For dedupe's own files only.  A flow is addresses, ports and protocol.  Not
 * the interface, direction and MACs, which differ from one observation point to
 * the next; nor the VLAN, which a router on a stick changes, nor the TOS octet,
 * which any router may.
 *
 * Flows stand in buckets of 16 whose tags fill a cache line, as those of
 * bpf/table.h; where a bucket is full, the one that was seen least recently
 * makes room, and if that has records that wait, one in the next bucket.
 * Nothing is ever swept.  136 octets a flow, at start.
 */
#ifndef DEDUPE_TABLE_H
#define DEDUPE_TABLE_H

#include <stdint.h>

#include "../bpf/flow.h"

/* An observation point, and the last that it told of a flow. */
struct observer {
	uint64_t first_ns; /* boot time of its slot's first packet */
	uint64_t end_ns;   /* the same of its last packet */
	uint32_t if_index;
	uint32_t point; /* the same for all ports of a bond; else .if_index */
};

struct dedupe_flow {
	struct flow_key key;	  /* zeros where observation points differ */
	struct observer first[2]; /* for each enum flow_direction */
	uint64_t last_in_ns;	  /* .first_ns of the last on ingress */
	uint64_t before_ns;	  /* .end_ns of the owner before this one */
	uint32_t last_in_point;
	uint32_t from;		/* where first[FLOW_EGRESS] has it from */
	uint32_t before;	/* its .point */
	uint32_t n_held : 22;	/* records that wait */
	uint32_t known : 2;	/* which of .first there are: 1 << direction */
	uint32_t ended : 2;	/* whose slot is free again */
	uint32_t again : 2;	/* who had another slot before */
	uint32_t owner : 1;	/* the direction whose first owns the flow */
	uint32_t settled : 1;	/* a record went out: .owner is for good */
	uint32_t inherited : 1; /* .before is one */
	uint32_t before_direction : 1;
};

_Static_assert(sizeof(struct dedupe_flow) == 128, "two cache lines");

struct dedupe_table;

struct dedupe_table *dedupe_table_new(uint32_t max);
void dedupe_table_free(struct dedupe_table *table);

/* What a flow's place comes from. */
uint64_t dedupe_table_hash(const struct dedupe_table *table,
			   const struct flow_key *key);

/* Many flows stand in many cache lines, and to wait for each is most of the
 * work: these fetch, without waiting, the line that says where the flow of HASH
 * stands, and when that is there, what stands there. */
void dedupe_table_fetch_tags(const struct dedupe_table *table, uint64_t hash);
void dedupe_table_fetch_flow(const struct dedupe_table *table, uint64_t hash);

/* The flow of KEY and its HASH, seen at a boot time; a new one is zeroed
 * but for its key.  NULL: all that could make room have records that wait. */
struct dedupe_flow *dedupe_table_get(struct dedupe_table *table, uint64_t hash,
				     const struct flow_key *key,
				     uint64_t boot_ns);

static inline void
dedupe_flow_fetch(const struct dedupe_flow *flow)
{
	__builtin_prefetch(flow, 1);
	__builtin_prefetch((const char *)flow + 64, 1);
}

#endif
