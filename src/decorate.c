/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decorate.h"

#include <glib.h>

struct decorate {
	const struct iftable *iftable;
	struct sink sink;
};

struct decorate *
decorate_new(const struct iftable *iftable, const struct sink *sink)
{
	struct decorate *decorate = g_new0(struct decorate, 1);

	decorate->iftable = iftable;
	decorate->sink = *sink;
	return decorate;
}

void
decorate_free(struct decorate *decorate)
{
	g_free(decorate);
}

static void
push(void *to, struct record *record)
{
	struct decorate *decorate = to;
	const struct iface *seen_at = iftable_find_at(
		decorate->iftable, record->key.if_index, record->end_ns);

	if (record->key.direction == FLOW_EGRESS) {
		record->out = record->out ?: seen_at;
		record->in =
			record->in
				?: iftable_find_at(
					   decorate->iftable,
					   record->value.origin.from_if_index,
					   record->end_ns);
	} else {
		record->in = record->in ?: seen_at;
	}
	sink_push(&decorate->sink, record);
}

static void
flush(void *to)
{
	struct decorate *decorate = to;

	sink_flush(&decorate->sink);
}

struct sink
decorate_sink(struct decorate *decorate)
{
	return (struct sink){ .push = push, .flush = flush, .to = decorate };
}
