/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dedupe_table.h"

#include <glib.h>
#include <string.h>

#include "clock.h"
#include "flowtable.h"

struct bucket {
	struct flow_bucket tags;
	uint32_t seen_s[FLOW_BUCKET]; /* when last */
};

struct dedupe_table {
	struct flow_tunables tunables; /* of the hash */
	uint32_t n_buckets;
	struct bucket *buckets;
	struct dedupe_flow *flows; /* FLOW_BUCKET each */
};

struct dedupe_table *
dedupe_table_new(uint32_t max)
{
	struct dedupe_table *table = g_new0(struct dedupe_table, 1);

	table->tunables = flowtable_tunables(max, false);
	table->n_buckets = (max + FLOW_BUCKET - 1) / FLOW_BUCKET;
	table->buckets =
		g_aligned_alloc0(table->n_buckets, sizeof(*table->buckets), 64);
	table->flows = g_aligned_alloc0((size_t)table->n_buckets * FLOW_BUCKET,
					sizeof(*table->flows), 64);
	return table;
}

void
dedupe_table_free(struct dedupe_table *table)
{
	if (!table)
		return;
	g_aligned_free(table->buckets);
	g_aligned_free(table->flows);
	g_free(table);
}

/* The flow's place in a bucket, or FLOW_BUCKET. */
static unsigned
find(const struct dedupe_table *table, uint32_t at, uint32_t tag,
     const struct flow_key *key)
{
	const struct dedupe_flow *flows =
		&table->flows[(size_t)at * FLOW_BUCKET];
	const struct flow_bucket *tags = &table->buckets[at].tags;
	unsigned i;

	for (i = 0; i < FLOW_BUCKET; i++)
		if (tags->tag[i] == tag &&
		    memcmp(&flows[i].key, key, sizeof(*key)) == 0)
			break;
	return i;
}

/* The place for a new one, or FLOW_BUCKET. */
static unsigned
make_room(const struct dedupe_table *table, uint32_t at)
{
	const struct bucket *bucket = &table->buckets[at];
	unsigned least = 0;

	for (unsigned i = 0; i < FLOW_BUCKET; i++) {
		if (bucket->tags.tag[i] == TABLE_FREE)
			return i;
		if (bucket->seen_s[i] < bucket->seen_s[least])
			least = i;
	}
	return table->flows[(size_t)at * FLOW_BUCKET + least].n_held
		       ? FLOW_BUCKET
		       : least;
}

static void
add(struct dedupe_table *table, uint32_t at, unsigned place, uint32_t tag,
    const struct flow_key *key)
{
	table->buckets[at].tags.tag[place] = tag;
	table->flows[(size_t)at * FLOW_BUCKET + place] =
		(struct dedupe_flow){ .key = *key };
}

struct dedupe_flow *
dedupe_table_get(struct dedupe_table *table, const struct flow_key *key,
		 uint64_t wall_ns)
{
	struct flow_key flow = *key;
	uint32_t at, tag, next;
	unsigned place;
	uint64_t hash;

	flow.tos = flow.vlan_id = flow.if_index = flow.direction = 0;
	hash = flowtable_hash(&table->tunables, &flow);
	at = (hash & UINT32_MAX) * table->n_buckets >> 32;
	next = (at + 1) % table->n_buckets;
	tag = hash >> 32 | TABLE_LIVE;

	place = find(table, at, tag, &flow);
	if (place == FLOW_BUCKET) {
		place = find(table, next, tag, &flow);
		if (place < FLOW_BUCKET)
			at = next;
	}
	if (place == FLOW_BUCKET) {
		place = make_room(table, at);
		if (place == FLOW_BUCKET)
			place = make_room(table, at = next);
		if (place == FLOW_BUCKET)
			return NULL;
		add(table, at, place, tag, &flow);
	}
	table->buckets[at].seen_s[place] = wall_ns / CLOCK_SECOND_NS;
	return &table->flows[(size_t)at * FLOW_BUCKET + place];
}
