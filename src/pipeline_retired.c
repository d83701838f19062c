/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline_retired.h"

#include <string.h>

enum {
	LOOK_MS = 20,
	MAX_FLUSHES = 100, /* of a file, which another goes on with */
};

struct entry {
	struct exporter *exporter;
	int64_t end_us;
};

struct retired {
	void (*free)(void *exporter);
	GArray *entries;   /* of struct entry */
	GPtrArray *meters; /* of struct meter: gone with the last entry */
	guint timer;	   /* 0: there are no entries */
};

static void
end(struct retired *retired, struct exporter *exporter)
{
	transport_log("former collector", exporter_collector(exporter)->name,
		      exporter_stats(exporter));
	retired->free(exporter);
}

static void
flush(struct exporter *exporter)
{
	const struct sink sink = exporter_sink(exporter);

	sink_flush(&sink);
}

/* Whether there is nothing more to wait for. */
static bool
is_over(const struct entry *entry)
{
	flush(entry->exporter);
	if (!exporter_busy(entry->exporter))
		return true;
	if (g_get_monotonic_time() < entry->end_us)
		return false;
	exporter_give_up(entry->exporter);
	return true;
}

static gboolean
on_timer(void *to)
{
	struct retired *retired = to;

	for (guint i = retired->entries->len; i-- > 0;) {
		const struct entry *entry =
			&g_array_index(retired->entries, struct entry, i);

		if (!is_over(entry))
			continue;
		end(retired, entry->exporter);
		g_array_remove_index(retired->entries, i);
	}
	if (retired->entries->len)
		return G_SOURCE_CONTINUE;
	g_ptr_array_set_size(retired->meters, 0);
	retired->timer = 0;
	return G_SOURCE_REMOVE;
}

/* Who goes on with the file follows what stands in it. */
static void
finish_file(struct exporter *exporter)
{
	for (int i = 0; i < MAX_FLUSHES && exporter_busy(exporter); i++)
		flush(exporter);
}

void
retired_add(struct retired *retired, struct exporter *exporter)
{
	const struct entry entry = {
		exporter,
		g_get_monotonic_time() + RETIRED_MS * 1000,
	};

	if (strcmp(exporter_collector(exporter)->transport, "file") == 0)
		finish_file(exporter);
	g_array_append_val(retired->entries, entry);
	if (!retired->timer)
		retired->timer = g_timeout_add(LOOK_MS, on_timer, retired);
}

void
retired_add_meter(struct retired *retired, struct meter *meter)
{
	if (retired->entries->len)
		g_ptr_array_add(retired->meters, meter);
	else
		g_free(meter);
}

bool
retired_is_empty(const struct retired *retired)
{
	return retired->entries->len == 0;
}

void
retired_give_up(struct retired *retired)
{
	for (guint i = 0; i < retired->entries->len; i++)
		exporter_give_up(
			g_array_index(retired->entries, struct entry, i)
				.exporter);
}

struct retired *
retired_new(void (*free)(void *exporter))
{
	struct retired *retired = g_new0(struct retired, 1);

	retired->free = free;
	retired->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
	retired->meters = g_ptr_array_new_with_free_func(g_free);
	return retired;
}

void
retired_free(struct retired *retired)
{
	g_clear_handle_id(&retired->timer, g_source_remove);
	for (guint i = 0; i < retired->entries->len; i++)
		end(retired,
		    g_array_index(retired->entries, struct entry, i).exporter);
	g_array_unref(retired->entries);
	g_ptr_array_unref(retired->meters);
	g_free(retired);
}
