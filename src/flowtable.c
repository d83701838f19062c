/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flowtable.h"

#include <glib.h>
#include <sys/mman.h>
#include <sys/random.h>

enum { PREFETCH = 32 };

static inline struct flow_bucket *
table_bucket(struct table *table, __u32 bucket)
{
	return &table->buckets[bucket];
}

static inline struct flow_hot *
table_hot(struct table *table, __u32 slot)
{
	return &table->hot[slot];
}

static inline struct flow_origin *
table_origin(struct table *table, __u32 slot)
{
	return &table->origins[slot];
}

static inline struct flow_extremes *
table_extremes(struct table *table, __u32 slot)
{
	return &table->extremes[slot];
}

#define TABLE_EXTREMES(table) ((table)->tunables.extremes)
#define TABLE_TCP_END(table)  ((table)->tunables.tcp_end)
#define TABLE_FIRST_NS(value) ((value)->origin.first_ns)
#define TABLE_SHARED	      0
#include "../bpf/table.h"

struct flow_tunables
flowtable_tunables(uint32_t max, bool precise)
{
	struct flow_tunables tunables = {
		.precise = precise,
		.n_partitions = 1,
	};
	uint64_t slots = (uint64_t)max * FLOWTABLE_SLOTS_PER_FLOW;

	tunables.n_buckets = (slots + FLOW_BUCKET - 1) / FLOW_BUCKET;
	if (getentropy(tunables.hash_key, sizeof(tunables.hash_key)) < 0)
		for (int i = 0; i < FLOW_N_KEYS; i++)
			tunables.hash_key[i] = g_random_int();
	return tunables;
}

uint64_t
flowtable_hash(const struct flow_tunables *tunables, const struct flow_key *key)
{
	return table_hash(tunables, key);
}

/* Zeros, aligned, that take no memory before they are written. */
static void *
pages_new(size_t n, size_t size)
{
	void *pages = mmap(NULL, n * size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED) /* as g_malloc() has it */
		g_error("failed to allocate %zu bytes", n * size);
	return pages;
}

struct table *
flowtable_new(uint32_t max, bool extremes)
{
	struct table *table = g_new0(struct table, 1);

	table->tunables = flowtable_tunables(max, true);
	table->buckets =
		pages_new(table->tunables.n_buckets, sizeof(*table->buckets));
	table->hot = pages_new(flowtable_n_slots(table), sizeof(*table->hot));
	table->origins = g_new0(struct flow_origin, flowtable_n_slots(table));
	table->tunables.extremes = extremes;
	if (extremes)
		table->extremes =
			g_new0(struct flow_extremes, flowtable_n_slots(table));
	return table;
}

void
flowtable_free(struct table *table)
{
	if (!table)
		return;
	munmap(table->buckets,
	       table->tunables.n_buckets * sizeof(*table->buckets));
	munmap(table->hot, flowtable_n_slots(table) * sizeof(*table->hot));
	g_free(table->origins);
	g_free(table->extremes);
	g_free(table);
}

/* Fetches the line of tags of each packet's bucket, and then the slot that
 * looks like its own: by the time they are read, they are in the cache. */
static void
prefetch(struct table *table, const struct flow_packet *packets, unsigned n,
	 __u64 *hash)
{
	const __u32 n_buckets = table->tunables.n_buckets;

	for (unsigned i = 0; i < n; i++) {
		hash[i] = table_hash(&table->tunables, &packets[i].key);
		__builtin_prefetch(
			table_bucket(table, table_reduce(hash[i], n_buckets)));
	}
	for (unsigned i = 0; i < n; i++) {
		__u32 at = table_reduce(hash[i], n_buckets);
		__u32 tag = table_tag_of(hash[i]);
		struct flow_bucket *bucket = table_bucket(table, at);

		for (__u32 j = 0; j < FLOW_BUCKET; j++)
			if (bucket->tag[j] == tag)
				__builtin_prefetch(
					table_hot(table, at * FLOW_BUCKET + j));
	}
}

unsigned
flowtable_account_all(struct table *table, const struct flow_packet *packets,
		      unsigned n, __u64 *created)
{
	__u64 hash[PREFETCH];

	for (unsigned i = 0; i < n; i++) {
		int result;

		if (i % PREFETCH == 0)
			prefetch(table, packets + i, MIN(n - i, PREFETCH),
				 hash);
		result = table_account(table, table->tunables.n_buckets,
				       hash[i % PREFETCH], &packets[i].key,
				       &packets[i].value);
		if (result == TABLE_FULL)
			return i;
		*created += result == TABLE_CREATED;
	}
	return n;
}

void
flowtable_read(const struct table *table, uint32_t slot, struct flow_key *key,
	       struct flow_value *value)
{
	const struct flow_hot *hot = &table->hot[slot];
	/* First, for a program adds the octets first: no packet is told of
	 * whose octets might come when nothing is told any more. */
	uint32_t packets = __atomic_load_n(&hot->packets, __ATOMIC_ACQUIRE);

	*key = hot->key;
	key->marks &= FLOW_LATER;
	*value = (struct flow_value){
		.octets = __atomic_load_n(&hot->octets, __ATOMIC_RELAXED),
		.packets = packets,
		.last = hot->last,
		.tcp_flags = hot->key.marks & FLOW_TCP_FLAGS,
		.fragment_flags = (hot->key.marks & (FLOW_DF | FLOW_MF)) >> 8,
		.origin = table->origins[slot],
	};
	if (table->extremes)
		value->extremes = table->extremes[slot];
}

int
flowtable_account(struct table *table, const struct flow_key *key,
		  const struct flow_value *value)
{
	return table_account(table, table->tunables.n_buckets,
			     table_hash(&table->tunables, key), key, value);
}

static const struct flow_hot *
find_in(const struct table *table, __u32 partition, const struct flow_key *key,
	__u64 hash)
{
	const __u32 n_buckets = table->tunables.n_buckets;
	__u32 tag = table_tag_of(hash);
	__u32 spread = hash;

	for (int i = 0; i < 2; i++) {
		__u32 at =
			partition * n_buckets + table_reduce(spread, n_buckets);
		const struct flow_hot *hot = &table->hot[at * FLOW_BUCKET];

		for (__u32 j = 0; j < FLOW_BUCKET; j++)
			if (table->buckets[at].tag[j] == tag &&
			    table_key_equal(&hot[j], key))
				return &hot[j];
		spread = table_other(spread, tag);
	}
	return NULL;
}

const struct flow_hot *
flowtable_find(const struct table *table, const struct flow_key *key)
{
	__u64 hash = table_hash(&table->tunables, key);
	const struct flow_hot *hot = NULL;

	for (__u32 i = 0; !hot && i < table->tunables.n_partitions; i++)
		hot = find_in(table, i, key, hash);
	return hot;
}
