/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flowtable.h"

#include <glib.h>
#include <sys/random.h>

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

#define TABLE_FIRST_NS(value) ((value)->origin.first_ns)
#include "../bpf/table.h"

struct flow_tunables
flowtable_tunables(uint32_t max, bool precise)
{
	struct flow_tunables tunables = { .precise = precise };
	uint64_t slots = (uint64_t)max * FLOWTABLE_SLOTS_PER_FLOW;

	tunables.n_buckets = (slots + FLOW_BUCKET - 1) / FLOW_BUCKET;
	if (getentropy(tunables.hash_key, sizeof(tunables.hash_key)) < 0)
		for (int i = 0; i < FLOW_N_KEYS; i++)
			tunables.hash_key[i] = g_random_int();
	return tunables;
}

struct table *
flowtable_new(uint32_t max)
{
	struct table *table = g_new0(struct table, 1);

	table->tunables = flowtable_tunables(max, true);
	table->buckets = g_aligned_alloc0(table->tunables.n_buckets,
					  sizeof(*table->buckets), 64);
	table->hot = g_aligned_alloc0(flowtable_n_slots(table),
				      sizeof(*table->hot), 64);
	table->origins = g_new0(struct flow_origin, flowtable_n_slots(table));
	return table;
}

void
flowtable_free(struct table *table)
{
	if (!table)
		return;
	g_aligned_free(table->buckets);
	g_aligned_free(table->hot);
	g_free(table->origins);
	g_free(table);
}

int
flowtable_account(struct table *table, const struct flow_key *key,
		  const struct flow_value *value)
{
	return table_account(table, &table->tunables, key, value);
}
