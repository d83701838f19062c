/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iftable.h"

#include <glib.h>
#include <string.h>

/* Rows of one index: one goes before the next is born. */
struct row {
	struct iface iface;
	struct row *newer, *older;
};

struct iftable {
	GHashTable *newest; /* index → its newest struct row */
	GQueue gone;	    /* of struct row, the first to go first */
};

static void
free_rows(void *data)
{
	struct row *row = data, *older;

	for (; row; row = older) {
		older = row->older;
		g_free(row);
	}
}

struct iftable *
iftable_new(void)
{
	struct iftable *table = g_new0(struct iftable, 1);

	table->newest = g_hash_table_new_full(g_direct_hash, g_direct_equal,
					      NULL, free_rows);
	g_queue_init(&table->gone);
	return table;
}

void
iftable_free(struct iftable *table)
{
	if (!table)
		return;
	g_queue_clear(&table->gone);
	g_hash_table_destroy(table->newest);
	g_free(table);
}

static struct row *
find(const struct iftable *table, uint32_t index)
{
	return g_hash_table_lookup(table->newest, GUINT_TO_POINTER(index));
}

struct iface *
iftable_find(const struct iftable *table, uint32_t index)
{
	struct row *row = find(table, index);

	return row ? &row->iface : NULL;
}

static struct row *
find_at(const struct iftable *table, uint32_t index, uint64_t boot_ns)
{
	struct row *row = find(table, index);

	while (row && row->older && row->iface.born_ns > boot_ns)
		row = row->older;
	return row;
}

const struct iface *
iftable_find_at(const struct iftable *table, uint32_t index, uint64_t boot_ns)
{
	const struct row *row = find_at(table, index, boot_ns);

	return row ? &row->iface : NULL;
}

void
iftable_count(const struct iftable *table, uint32_t index, int direction,
	      uint64_t boot_ns, const struct iface_traffic *traffic)
{
	struct row *row = find_at(table, index, boot_ns);

	if (!row)
		return;
	row->iface.traffic[direction].packets += traffic->packets;
	row->iface.traffic[direction].octets += traffic->octets;
}

/* The first to go, which is the oldest of its index. */
static struct row *
take_first_gone(struct iftable *table)
{
	struct row *row = g_queue_pop_head(&table->gone);

	if (row->newer)
		row->newer->older = NULL;
	else
		g_hash_table_steal(table->newest,
				   GUINT_TO_POINTER(row->iface.index));
	memset(row, 0, sizeof(*row));
	return row;
}

struct iface *
iftable_add(struct iftable *table, uint32_t index, uint64_t boot_ns)
{
	struct row *row = find(table, index);

	if (row && !row->iface.gone)
		return &row->iface;
	row = table->gone.length < IFTABLE_MAX_GONE ? g_new0(struct row, 1)
						    : take_first_gone(table);
	row->iface.index = index;
	row->iface.born_ns = boot_ns;
	row->older = find(table, index);
	if (row->older)
		row->older->newer = row;
	g_hash_table_steal(table->newest, GUINT_TO_POINTER(index));
	g_hash_table_insert(table->newest, GUINT_TO_POINTER(index), row);
	return &row->iface;
}

void
iftable_remove(struct iftable *table, struct iface *iface)
{
	g_assert(!iface->gone);
	iface->gone = true;
	g_queue_push_tail(&table->gone, find(table, iface->index));
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
	g_autoptr(GList) ifaces = NULL;
	GHashTableIter rows;
	void *row;

	g_hash_table_iter_init(&rows, table->newest);
	while (g_hash_table_iter_next(&rows, NULL, &row)) {
		struct iface *iface = &((struct row *)row)->iface;

		if (!iface->gone)
			ifaces = g_list_prepend(ifaces, iface);
	}
	ifaces = g_list_sort(ifaces, compare_index);
	for (GList *at = ifaces; at; at = at->next)
		each(at->data, to);
}
