/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe_seen.h"

#include <gio/gio.h>

static void
free_seen(void *data)
{
	struct seen *seen = data;

	g_free(seen->error);
	g_free(seen);
}

GHashTable *
seen_new(void)
{
	return g_hash_table_new_full(NULL, NULL, NULL, free_seen);
}

const struct seen *
seen_find(GHashTable *all, const struct iface *iface)
{
	return g_hash_table_lookup(all, GUINT_TO_POINTER(iface->index));
}

enum seen_state
seen_state(GHashTable *all, const struct iface *iface)
{
	const struct seen *seen = seen_find(all, iface);

	return seen ? seen->state : SEEN_NOT;
}

/* For want of what others may give back. */
static bool
may_pass(const GError *error)
{
	static const int codes[] = {
		G_IO_ERROR_TOO_MANY_OPEN_FILES,
		G_IO_ERROR_NO_SPACE, /* memory, too */
		G_IO_ERROR_BUSY,
		G_IO_ERROR_WOULD_BLOCK,
		G_IO_ERROR_ADDRESS_IN_USE,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
		if (g_error_matches(error, G_IO_ERROR, codes[i]))
			return true;
	return false;
}

void
seen_set(GHashTable *all, const struct iface *iface, enum seen_state state,
	 const char *how, const GError *error)
{
	struct seen *seen = g_new0(struct seen, 1);

	seen->state = state;
	seen->how = how;
	seen->error = error ? g_strdup(error->message) : NULL;
	seen->may_pass = may_pass(error);
	g_hash_table_insert(all, GUINT_TO_POINTER(iface->index), seen);
}

void
seen_forget(GHashTable *all, const struct iface *iface)
{
	g_hash_table_remove(all, GUINT_TO_POINTER(iface->index));
}

guint
seen_count(GHashTable *all, enum seen_state state)
{
	GHashTableIter seen;
	void *value;
	guint n = 0;

	g_hash_table_iter_init(&seen, all);
	while (g_hash_table_iter_next(&seen, NULL, &value))
		n += ((const struct seen *)value)->state == state;
	return n;
}
