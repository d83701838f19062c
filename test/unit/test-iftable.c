/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../tap.h"
#include "iftable.h"

static void
test_rows(void)
{
	struct iftable *table = iftable_new();
	struct iface *iface = iftable_add(table, 7, 100);

	g_assert_cmpuint(iface->index, ==, 7);
	g_assert_cmpuint(iface->born_ns, ==, 100);
	g_assert_false(iface->gone);
	g_assert_true(iftable_add(table, 7, 200) == iface);
	g_assert_true(iftable_find(table, 7) == iface);
	g_assert_null(iftable_find(table, 8));
	g_assert_null(iftable_find_at(table, 8, 100));
	iftable_free(table);
	iftable_free(NULL);
}

/* Who goes away is still known; who comes after it is somebody else. */
static void
test_reuse(void)
{
	struct iftable *table = iftable_new();
	struct iface *first = iftable_add(table, 7, 100), *second;

	iftable_remove(table, first);
	g_assert_true(first->gone);
	g_assert_true(iftable_find(table, 7) == first);
	second = iftable_add(table, 7, 200);
	g_assert_true(second != first);
	g_assert_true(iftable_find(table, 7) == second);
	g_assert_true(iftable_find_at(table, 7, 200) == second);
	g_assert_true(iftable_find_at(table, 7, 199) == first);
	/* nobody was there yet: the oldest comes nearest */
	g_assert_true(iftable_find_at(table, 7, 99) == first);
	iftable_remove(table, second);
	g_assert_true(iftable_find_at(table, 7, 300) == second);
	iftable_free(table);
}

/* However many come and go, so many are remembered. */
static void
check_forgets(bool reuse)
{
	struct iftable *table = iftable_new();
	uint32_t n = 3 * IFTABLE_MAX_GONE;
	struct iface *stays = iftable_add(table, UINT32_MAX, 0);

	for (uint32_t i = 1; i <= n; i++)
		iftable_remove(table, iftable_add(table, reuse ? 1 : i, i));
	if (reuse) {
		g_assert_cmpuint(iftable_find_at(table, 1, 0)->born_ns, ==,
				 n - IFTABLE_MAX_GONE + 1);
	} else {
		g_assert_null(iftable_find(table, n - IFTABLE_MAX_GONE));
		g_assert_nonnull(iftable_find(table, n - IFTABLE_MAX_GONE + 1));
	}
	g_assert_nonnull(iftable_find(table, reuse ? 1 : n));
	g_assert_true(iftable_find(table, UINT32_MAX) == stays);
	iftable_free(table);
}

static void
test_forgets(void)
{
	check_forgets(false);
	check_forgets(true);
}

/* All rows of an index are forgotten one by one, and the index then too. */
static void
test_forgets_chain(void)
{
	struct iftable *table = iftable_new();

	for (uint64_t born = 0; born < 3; born++)
		iftable_remove(table, iftable_add(table, 1, born));
	for (uint32_t i = 2; i <= IFTABLE_MAX_GONE; i++)
		iftable_remove(table, iftable_add(table, i, 0));
	g_assert_cmpuint(iftable_find_at(table, 1, 0)->born_ns, ==, 2);
	iftable_remove(table, iftable_add(table, UINT32_MAX, 0));
	g_assert_null(iftable_find(table, 1));
	iftable_free(table);
}

struct walk {
	struct iftable *table;
	GString *indexes;
};

static void
note(struct iface *iface, void *to)
{
	const struct walk *walk = to;

	g_string_append_printf(walk->indexes, " %u", iface->index);
}

static void
note_and_remove_odd(struct iface *iface, void *to)
{
	const struct walk *walk = to;

	note(iface, to);
	if (iface->index % 2)
		iftable_remove(walk->table, iface);
}

static void
test_each(void)
{
	static const uint32_t order[] = { 5, 1, 4, 3, 2 };
	g_autoptr(GString) indexes = g_string_new(NULL);
	struct walk walk = { iftable_new(), indexes };

	for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
		iftable_add(walk.table, order[i], 0);
	iftable_each(walk.table, note_and_remove_odd, &walk);
	g_assert_cmpstr(indexes->str, ==, " 1 2 3 4 5");
	iftable_each(walk.table, note, &walk);
	g_assert_cmpstr(indexes->str, ==, " 1 2 3 4 5 2 4");
	iftable_free(walk.table);
}

static void
add(void)
{
	g_test_add_func("/iftable/rows", test_rows);
	g_test_add_func("/iftable/reuse", test_reuse);
	g_test_add_func("/iftable/forgets", test_forgets);
	g_test_add_func("/iftable/forgets-chain", test_forgets_chain);
	g_test_add_func("/iftable/each", test_each);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
