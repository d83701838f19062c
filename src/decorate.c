/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decorate.h"

#include <glib.h>

enum { MAX_UNKNOWN = 4096 };

struct decorate {
	struct iftable *iftable;
	const struct meter *meter;
	struct sink sink;
	int n_unknown;
};

struct decorate *
decorate_new(struct iftable *iftable, const struct meter *meter,
	     const struct sink *sink)
{
	struct decorate *decorate = g_new0(struct decorate, 1);

	decorate->iftable = iftable;
	decorate->meter = meter;
	decorate->sink = *sink;
	return decorate;
}

void
decorate_set_meter(struct decorate *decorate, const struct meter *meter)
{
	decorate->meter = meter;
}

void
decorate_free(struct decorate *decorate)
{
	g_free(decorate);
}

/* Captures have numbers that no table of ours does: those go out, nameless. */
static const struct iface *
look_up(struct decorate *decorate, uint32_t index, uint64_t boot_ns)
{
	const struct iface *iface =
		iftable_find_at(decorate->iftable, index, boot_ns);

	if (iface || !index || decorate->n_unknown == MAX_UNKNOWN)
		return iface;
	decorate->n_unknown++;
	return iftable_add(decorate->iftable, index, 0);
}

/* What dedupe knows stays. */
static void
push(void *to, struct record *record)
{
	struct decorate *decorate = to;
	bool egress = record->key.direction == FLOW_EGRESS;
	uint32_t in = egress ? record->value.origin.from_if_index
			     : record->key.if_index;

	if (!record->in)
		record->in = look_up(decorate, in, record->boot_ns);
	if (egress && !record->out)
		record->out = look_up(decorate, record->key.if_index,
				      record->boot_ns);
	record->meter = decorate->meter;
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
