/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iftable.h"

#include <glib.h>

struct iftable {
	GHashTable *by_index; /* index → struct iface */
};

struct iftable *
iftable_new(void)
{
	struct iftable *table = g_new0(struct iftable, 1);

	table->by_index = g_hash_table_new_full(g_direct_hash, g_direct_equal,
						NULL, g_free);
	return table;
}

void
iftable_free(struct iftable *table)
{
	if (!table)
		return;
	g_hash_table_destroy(table->by_index);
	g_free(table);
}

struct iface *
iftable_find(const struct iftable *table, uint32_t index)
{
	return g_hash_table_lookup(table->by_index, GUINT_TO_POINTER(index));
}

struct iface *
iftable_add(struct iftable *table, uint32_t index)
{
	struct iface *iface = iftable_find(table, index);

	if (iface)
		return iface;
	iface = g_new0(struct iface, 1);
	iface->index = index;
	g_hash_table_insert(table->by_index, GUINT_TO_POINTER(index), iface);
	return iface;
}

static int
compare_index(const void *a, const void *b)
{
	const struct iface *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

void
iftable_each(const struct iftable *table,
	     void (*each)(struct iface *iface, void *to), void *to)
{
	g_autoptr(GList) rows = g_hash_table_get_values(table->by_index);

	rows = g_list_sort(rows, compare_index);
	for (GList *row = rows; row; row = row->next)
		each(row->data, to);
}
