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
	void *blocks[2];	   /* which those are in */
};

enum { LINE = 64 };

/* Zeros that take no memory until they are touched: g_aligned_alloc0() writes
 * them. */
static void *
alloc_lines(void **block, size_t n, size_t size)
{
	*block = g_malloc0(n * size + LINE);
	return (char *)*block + LINE - (uintptr_t)*block % LINE;
}

struct dedupe_table *
dedupe_table_new(uint32_t max)
{
	struct dedupe_table *table = g_new0(struct dedupe_table, 1);

	table->tunables = flowtable_tunables(max, false);
	table->n_buckets = (max + FLOW_BUCKET - 1) / FLOW_BUCKET;
	table->buckets = alloc_lines(&table->blocks[0], table->n_buckets,
				     sizeof(*table->buckets));
	table->flows = alloc_lines(&table->blocks[1],
				   (size_t)table->n_buckets * FLOW_BUCKET,
				   sizeof(*table->flows));
	return table;
}

void
dedupe_table_free(struct dedupe_table *table)
{
	if (!table)
		return;
	g_free(table->blocks[0]);
	g_free(table->blocks[1]);
	g_free(table);
}

static uint32_t
bucket_of(const struct dedupe_table *table, uint64_t hash)
{
	return (hash & UINT32_MAX) * table->n_buckets >> 32;
}

static uint32_t
tag_of(uint64_t hash)
{
	return hash >> 32 | TABLE_LIVE;
}

/* Where a flow stands whose bucket is full. */
static uint32_t
bucket_after(const struct dedupe_table *table, uint32_t at)
{
	return at + 1 < table->n_buckets ? at + 1 : 0;
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

static struct flow_key
make_key(const struct flow_key *key)
{
	struct flow_key flow = *key;

	flow.tos = flow.vlan_id = flow.if_index = flow.direction = 0;
	return flow;
}

uint64_t
dedupe_table_hash(const struct dedupe_table *table, const struct flow_key *key)
{
	const struct flow_key flow = make_key(key);

	return flowtable_hash(&table->tunables, &flow);
}

void
dedupe_table_fetch_tags(const struct dedupe_table *table, uint64_t hash)
{
	const struct bucket *bucket = &table->buckets[bucket_of(table, hash)];

	__builtin_prefetch(&bucket->tags);
	__builtin_prefetch(&bucket->seen_s, 1);
}

void
dedupe_table_fetch_flow(const struct dedupe_table *table, uint64_t hash)
{
	uint32_t at = bucket_of(table, hash), tag = tag_of(hash);
	const struct flow_bucket *tags = &table->buckets[at].tags;
	unsigned place = 0;

	while (place < FLOW_BUCKET && tags->tag[place] != tag &&
	       tags->tag[place] != TABLE_FREE)
		place++;
	if (place < FLOW_BUCKET)
		dedupe_flow_fetch(
			&table->flows[(size_t)at * FLOW_BUCKET + place]);
	if (place == FLOW_BUCKET || tags->tag[place] != tag)
		__builtin_prefetch(&table->buckets[bucket_after(table, at)]);
}

static struct dedupe_flow *
add(struct dedupe_table *table, uint32_t at, unsigned place, uint32_t tag,
    const struct flow_key *key)
{
	struct dedupe_flow *flow =
		&table->flows[(size_t)at * FLOW_BUCKET + place];

	table->buckets[at].tags.tag[place] = tag;
	*flow = (struct dedupe_flow){ .key = *key };
	return flow;
}

struct dedupe_flow *
dedupe_table_get(struct dedupe_table *table, uint64_t hash,
		 const struct flow_key *key, uint64_t boot_ns)
{
	const struct flow_key flow = make_key(key);
	const uint32_t first = bucket_of(table, hash), tag = tag_of(hash);
	const uint32_t buckets[] = { first, bucket_after(table, first) };
	uint32_t seen_s = boot_ns / CLOCK_SECOND_NS;
	unsigned place;

	for (int i = 0; i < 2; i++) {
		place = find(table, buckets[i], tag, &flow);
		if (place == FLOW_BUCKET)
			continue;
		table->buckets[buckets[i]].seen_s[place] = seen_s;
		return &table->flows[(size_t)buckets[i] * FLOW_BUCKET + place];
	}
	for (int i = 0; i < 2; i++) {
		place = make_room(table, buckets[i]);
		if (place == FLOW_BUCKET)
			continue;
		table->buckets[buckets[i]].seen_s[place] = seen_s;
		return add(table, buckets[i], place, tag, &flow);
	}
	return NULL;
}
