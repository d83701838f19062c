/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow table's slots, keys and values, on memory of our own.
 */
#include <string.h>

#include "../flowkey.h"
#include "../tap.h"
#include "flowtable.h"

static void
test_results(void)
{
	struct table *table =
		flowtable_new(8, false); /* 16 slots, one bucket */
	struct flow_value value = { .packets = 1, .octets = 40 };

	for (uint32_t i = 0; i < 16; i++) {
		struct flow_key key = flowkey_of(i);

		g_assert_cmpint(flowtable_account(table, &key, &value), ==,
				CREATED);
		g_assert_cmpint(flowtable_account(table, &key, &value), ==,
				MERGED);
	}
	for (uint32_t i = 16; i < 32; i++) {
		struct flow_key key = flowkey_of(i);

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
	struct flow_key key = flowkey_of(1);
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
	struct flow_key base = flowkey_of(1);
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
		struct flow_key key = flowkey_of(i);

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
	struct flow_key key = flowkey_of(1);
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
