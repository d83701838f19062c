/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow table against a model, on memory of our own.
 */
#include <string.h>

#include "../flowkey.h"
#include "../tap.h"
#include "flowtable.h"

static guint
hash_key(const void *key)
{
	g_autoptr(GBytes) bytes =
		g_bytes_new_static(key, sizeof(struct flow_key));

	return g_bytes_hash(bytes);
}

static gboolean
equal_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct flow_key)) == 0;
}

/* What the model knows of a flow. */
struct total {
	uint64_t octets;
	uint32_t packets;
	uint32_t last;
	uint16_t tcp_flags;
};

static GHashTable *
model_new(void)
{
	return g_hash_table_new_full(hash_key, equal_keys, g_free, g_free);
}

static void
model_add(GHashTable *model, const struct flow_key *key,
	  const struct total *value)
{
	struct total *total = g_hash_table_lookup(model, key);

	if (!total) {
		total = g_new0(struct total, 1);
		g_hash_table_insert(model, g_memdup2(key, sizeof(*key)), total);
	}
	total->octets += value->octets;
	total->packets += value->packets;
	total->last = MAX(total->last, value->last);
	total->tcp_flags |= value->tcp_flags;
}

/* Adds what SLOT holds to SUMS. */
static void
read_slot(const struct table *table, uint32_t slot, GHashTable *sums)
{
	struct flow_packet flow;
	struct total total;

	flowtable_read(table, slot, &flow.key, &flow.value);
	total = (struct total){
		.octets = flow.value.octets,
		.packets = flow.value.packets,
		.last = flow.value.last,
		.tcp_flags = flow.value.tcp_flags,
	};
	model_add(sums, &flow.key, &total);
}

static uint32_t
read_live(const struct table *table, GHashTable *sums)
{
	uint32_t n = 0;

	for (uint32_t slot = 0; slot < flowtable_n_slots(table); slot++)
		if (flowtable_is_live(table, slot)) {
			read_slot(table, slot, sums);
			n++;
		}
	return n;
}

static void
assert_equal_sums(GHashTable *model, GHashTable *sums)
{
	GHashTableIter iter;
	void *key, *expected;

	g_assert_cmpuint(g_hash_table_size(sums), ==, g_hash_table_size(model));
	g_hash_table_iter_init(&iter, model);
	while (g_hash_table_iter_next(&iter, &key, &expected)) {
		struct total *got = g_hash_table_lookup(sums, key);

		g_assert_nonnull(got);
		g_assert_cmpmem(got, sizeof(*got), expected, sizeof(*got));
	}
}

static void
close_random(struct table *table, GRand *rand, GHashTable *sums)
{
	uint32_t slot = g_rand_int_range(rand, 0, flowtable_n_slots(table));

	if (!flowtable_is_live(table, slot))
		return;
	flowtable_close(table, slot);
	g_assert_false(flowtable_is_live(table, slot));
	read_slot(table, slot, sums);
	flowtable_release(table, slot);
}

/* Random packets of N_KEYS flows in a table for MAX, slots closed at random. */
static void
run_model(uint32_t max, uint32_t n_keys, uint32_t seed)
{
	struct table *table = flowtable_new(max, false);
	GHashTable *model = model_new(), *sums = model_new();
	GRand *rand = g_rand_new_with_seed(seed);

	for (uint32_t i = 0; i < 100000; i++) {
		struct flow_key key =
			flowkey_of(g_rand_int_range(rand, 0, n_keys));
		struct total one = {
			.octets = g_rand_int_range(rand, 20, 65536),
			.packets = g_rand_int_range(rand, 1, 45),
			.last = i,
			.tcp_flags = 1 << g_rand_int_range(rand, 0, 12),
		};
		struct flow_value value = {
			.octets = one.octets,
			.packets = one.packets,
			.last = one.last,
			.tcp_flags = one.tcp_flags,
		};

		if (flowtable_account(table, &key, &value) != FULL)
			model_add(model, &key, &one);
		if (i % 7 == 0)
			close_random(table, rand, sums);
	}
	read_live(table, sums);
	assert_equal_sums(model, sums);
	g_rand_free(rand);
	g_hash_table_destroy(model);
	g_hash_table_destroy(sums);
	flowtable_free(table);
}

static void
test_model(void)
{
	run_model(4096, 2000, 1); /* roomy */
	run_model(1000, 1500, 2); /* a number of buckets that is no power */
	run_model(64, 500, 3);	  /* always full */
	run_model(1, 100, 4);	  /* a single bucket */
}

static void
add(void)
{
	g_test_add_func("/table/model", test_model);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
