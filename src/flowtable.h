/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flowtable.h - a flow table (bpf/table.h) as the daemon sees it: memory.
 *
 * Either the kernel's, mapped by probe, or one of our own in which the daemon
 * accounts packets itself.  Two slots for each flow keep both buckets of a key
 * from filling up: of a million flows some ten find no room.
 */
#ifndef FLOWTABLE_H
#define FLOWTABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "../bpf/flow.h"

#define FLOWTABLE_SLOTS_PER_FLOW 2

struct table {
	struct flow_tunables tunables;
	struct flow_bucket *buckets; /* flowtable_n_buckets() */
	struct flow_hot *hot;	     /* FLOW_BUCKET each */
	struct flow_origin *origins;
	struct flow_extremes *extremes; /* if tunables.extremes; else NULL */
};

/* Buckets enough for MAX flows, and secret keys for the hash. */
struct flow_tunables flowtable_tunables(uint32_t max, bool precise);

/* What a key's place in a table of these tunables comes from. */
uint64_t flowtable_hash(const struct flow_tunables *tunables,
			const struct flow_key *key);

/* A table of our own, for MAX flows. */
struct table *flowtable_new(uint32_t max, bool extremes);
void flowtable_free(struct table *table);

/* Accounts N packets in their order, faster than one by one; stops at the first
 * that finds no room.  How many it accounted; adds flows that began to
 * *CREATED. */
unsigned flowtable_account_all(struct table *table,
			       const struct flow_packet *packets, unsigned n,
			       __u64 *created);

/* Accounts one packet; enum table_result. */
int flowtable_account(struct table *table, const struct flow_key *key,
		      const struct flow_value *value);

/* What a slot that is not FREE holds, but for times as the clock tells them.
 * Where programs still add to it, all octets of its packets are there. */
void flowtable_read(const struct table *table, uint32_t slot,
		    struct flow_key *key, struct flow_value *value);

/* The live slot of that key; or NULL. */
const struct flow_hot *flowtable_find(const struct table *table,
				      const struct flow_key *key);

static inline uint32_t
flowtable_n_buckets(const struct table *table)
{
	return table->tunables.n_buckets * table->tunables.n_partitions;
}

static inline uint32_t
flowtable_n_slots(const struct table *table)
{
	return flowtable_n_buckets(table) * FLOW_BUCKET;
}

/* What the daemon does of a slot's states; bpf/table.h has them all. */
static inline uint32_t *
flowtable_tag(const struct table *table, uint32_t slot)
{
	return &table->buckets[slot / FLOW_BUCKET].tag[slot % FLOW_BUCKET];
}

static inline bool
flowtable_is_live(const struct table *table, uint32_t slot)
{
	return __atomic_load_n(flowtable_tag(table, slot), __ATOMIC_ACQUIRE) >=
	       TABLE_LIVE;
}

/* It is somebody's, and not released yet. */
static inline bool
flowtable_is_open(const struct table *table, uint32_t slot)
{
	return __atomic_load_n(flowtable_tag(table, slot), __ATOMIC_ACQUIRE) >=
	       TABLE_CLOSING;
}

/* A SYN found it to be over: there may be another slot of that key, live. */
static inline bool
flowtable_has_ended(const struct table *table, uint32_t slot)
{
	return __atomic_load_n(flowtable_tag(table, slot), __ATOMIC_ACQUIRE) ==
	       TABLE_ENDED;
}

/* The slots of a bucket that are live, or have ended, as bits: half of them
 * are, at random, and a branch for each would be guessed wrong as often. */
static inline uint32_t
flowtable_open(const struct table *table, uint32_t bucket)
{
	const uint32_t *tag = table->buckets[bucket].tag;
	uint32_t open = 0;

	for (uint32_t i = 0; i < FLOW_BUCKET; i++)
		open |= (uint32_t)(__atomic_load_n(tag + i, __ATOMIC_ACQUIRE) >=
				   TABLE_ENDED)
			<< i;
	return open;
}

static inline void
flowtable_close(struct table *table, uint32_t slot)
{
	__atomic_store_n(flowtable_tag(table, slot), TABLE_CLOSING,
			 __ATOMIC_RELEASE);
}

static inline void
flowtable_release(struct table *table, uint32_t slot)
{
	__atomic_store_n(flowtable_tag(table, slot), TABLE_FREE,
			 __ATOMIC_RELEASE);
}

#endif
