/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow table against a model, on memory of our own.
 */
#include <string.h>

#include "../tap.h"
#include "flowtable.h"

#include "../../bpf/flow.h"

/* As bpf/table.h has it, which only flowtable.c may include. */
enum { MERGED, CREATED, FULL };

static struct flow_key
key_of(uint32_t n)
{
	struct flow_key key = {
		.src_addr = { [10] = 0xff, [11] = 0xff, [12] = 10 },
		.dst_addr = { [10] = 0xff, [11] = 0xff, [12] = 192 },
		.src_port = 1024 + n % 60000,
		.dst_port = 443,
		.protocol = 6,
		.if_index = 2,
		.direction = n & 1,
		.family = FLOW_IPV4,
	};

	key.src_addr[13] = n >> 16;
	key.src_addr[14] = n >> 8;
	key.src_addr[15] = n;
	return key;
}

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
		struct flow_key key = key_of(g_rand_int_range(rand, 0, n_keys));
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
test_results(void)
{
	struct table *table =
		flowtable_new(8, false); /* 16 slots, one bucket */
	struct flow_value value = { .packets = 1, .octets = 40 };

	for (uint32_t i = 0; i < 16; i++) {
		struct flow_key key = key_of(i);

		g_assert_cmpint(flowtable_account(table, &key, &value), ==,
				CREATED);
		g_assert_cmpint(flowtable_account(table, &key, &value), ==,
				MERGED);
	}
	for (uint32_t i = 16; i < 32; i++) {
		struct flow_key key = key_of(i);

		g_assert_cmpint(flowtable_account(table, &key, &value), ==,
				FULL);
	}
	flowtable_free(table);
}

/* A slot that the daemon is closing is nobody's: the flow begins anew. */
static void
test_closing(void)
{
	struct table *table = flowtable_new(64, false);
	struct flow_key key = key_of(1);
	struct flow_value value = { .packets = 1, .octets = 40 };
	uint32_t slot = 0;

	g_assert_cmpint(flowtable_account(table, &key, &value), ==, CREATED);
	while (!flowtable_is_live(table, slot))
		slot++;
	flowtable_close(table, slot);
	g_assert_cmpint(flowtable_account(table, &key, &value), ==, CREATED);
	g_assert_cmpuint(table->hot[slot].packets, ==, 1);
	flowtable_release(table, slot);
	g_assert_cmpint(flowtable_account(table, &key, &value), ==, MERGED);
	flowtable_free(table);
}

/* Every member of the key tells flows apart; origin is the first packet's. */
static void
test_key(void)
{
	struct table *table = flowtable_new(256, false);
	struct flow_key base = key_of(1);
	struct flow_value value = { .packets = 1, .octets = 40 };
	const size_t n = offsetof(struct flow_key, marks);

	value.origin.first_ns = 77;
	g_assert_cmpint(flowtable_account(table, &base, &value), ==, CREATED);
	for (size_t i = 0; i < n; i++) {
		struct flow_key key = base;

		((uint8_t *)&key)[i] ^= 0x80;
		value.origin.first_ns = 78 + i;
		g_assert_cmpint(flowtable_account(table, &key, &value), ==,
				CREATED);
		g_assert_cmpint(flowtable_account(table, &base, &value), ==,
				MERGED);
	}
	for (uint32_t i = 0; i < flowtable_n_slots(table); i++)
		if (flowtable_is_live(table, i) &&
		    memcmp(&table->hot[i].key, &base, sizeof(base)) == 0)
			g_assert_cmpuint(table->origins[i].first_ns, ==, 77);
	flowtable_free(table);
}

/* Regular addresses and ports fill buckets as random ones would: at the
 * configured load some flows in a million find no room. */
static void
test_spread(void)
{
	enum { N = 1 << 20 };
	struct table *table = flowtable_new(N, false);
	struct flow_value value = { .packets = 1, .octets = 40 };
	uint32_t n_full = 0;

	for (uint32_t i = 0; i < N; i++) {
		struct flow_key key = key_of(i);

		n_full += flowtable_account(table, &key, &value) == FULL;
	}
	g_assert_cmpuint(n_full, <, 40);
	flowtable_free(table);
}

/* The smallest and largest are kept, whatever comes first and last. */
static void
test_extremes(void)
{
	static const struct flow_extremes of[] = {
		{ 60, 80, 64, 64 },
		{ 40, 90, 65, 65 },
		{ 50, 70, 63, 63 },
	};
	struct table *table = flowtable_new(64, true);
	struct flow_key key = key_of(1);
	struct flow_packet flow;
	uint32_t slot = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(of); i++) {
		struct flow_value value = { .packets = 1, .extremes = of[i] };

		flowtable_account(table, &key, &value);
	}
	while (!flowtable_is_live(table, slot))
		slot++;
	flowtable_read(table, slot, &flow.key, &flow.value);
	g_assert_cmpuint(flow.value.extremes.min_len, ==, 40);
	g_assert_cmpuint(flow.value.extremes.max_len, ==, 90);
	g_assert_cmpuint(flow.value.extremes.min_ttl, ==, 63);
	g_assert_cmpuint(flow.value.extremes.max_ttl, ==, 65);
	flowtable_free(table);
}

/* Adds packets of 100 octets as a program does on another CPU. */
static gpointer
add_for_ever(gpointer to)
{
	struct flow_hot *hot = to;

	while (!__atomic_load_n(&hot->last, __ATOMIC_RELAXED)) {
		__atomic_fetch_add(&hot->octets, 100, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&hot->packets, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* A flow that is reported while packets come: none of them lacks its octets,
 * which would come without a packet, and never be told of.  A second of it, for
 * the moment in which that could be is short. */
static void
test_read_while_adding(void)
{
	struct table *table = flowtable_new(8, false);
	GThread *adder = g_thread_new("adder", add_for_ever, table->hot);
	struct flow_packet flow;

	for (int i = 0; i < 30000000; i++) {
		flowtable_read(table, 0, &flow.key, &flow.value);
		g_assert_cmpuint(flow.value.octets, >=,
				 100ULL * flow.value.packets);
	}
	__atomic_store_n(&table->hot->last, 1, __ATOMIC_RELAXED);
	g_thread_join(adder);
	flowtable_free(table);
}

static void
add(void)
{
	g_test_add_func("/table/model", test_model);
	g_test_add_func("/table/results", test_results);
	g_test_add_func("/table/closing", test_closing);
	g_test_add_func("/table/key", test_key);
	g_test_add_func("/table/spread", test_spread);
	g_test_add_func("/table/extremes", test_extremes);
	g_test_add_func("/table/read-while-adding", test_read_while_adding);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
