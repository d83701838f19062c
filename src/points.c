/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "points.h"

#include <glib.h>

struct points {
	const struct iftable *table;
	struct sink sink;
};

static void
push(void *to, struct record *record)
{
	const struct points *points = to;
	const struct iface_traffic traffic = { record->value.packets,
					       record->value.octets };

	iftable_count(points->table, record->key.if_index,
		      record->key.direction, record->boot_ns, &traffic);
	sink_push(&points->sink, record);
}

static void
flush(void *to)
{
	const struct points *points = to;

	points->sink.flush(points->sink.to);
}

static bool
unfinished(void *to)
{
	const struct points *points = to;

	return points->sink.unfinished &&
	       points->sink.unfinished(points->sink.to);
}

struct points *
points_new(const struct iftable *table, const struct sink *sink)
{
	struct points *points = g_new0(struct points, 1);

	points->table = table;
	points->sink = *sink;
	return points;
}

void
points_free(struct points *points)
{
	g_free(points);
}

struct sink
points_sink(struct points *points)
{
	return (struct sink){
		.push = push,
		.flush = flush,
		.unfinished = unfinished,
		.to = points,
	};
}
