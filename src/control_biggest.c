/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_biggest.h"

static uint64_t
size_of(const struct record *record, enum control_sort sort)
{
	switch (sort) {
	case CONTROL_BYTES:
		return record->total_octets;
	case CONTROL_PACKETS:
		return record->total_packets;
	case CONTROL_LAST:
		break;
	}
	return record->end_ns;
}

static struct record *
at(const struct biggest *biggest, guint i)
{
	return &g_array_index(biggest->heap, struct record, i);
}

static uint64_t
size_at(const struct biggest *biggest, guint i)
{
	return size_of(at(biggest, i), biggest->sort);
}

static void
swap(struct biggest *biggest, guint i, guint j)
{
	struct record record = *at(biggest, i);

	*at(biggest, i) = *at(biggest, j);
	*at(biggest, j) = record;
}

static void
rise(struct biggest *biggest, guint i)
{
	while (i > 0 && size_at(biggest, i) < size_at(biggest, (i - 1) / 2)) {
		swap(biggest, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void
sink_in(struct biggest *biggest)
{
	guint i = 0, least = 0;

	do {
		i = least;
		for (guint j = 2 * i + 1; j <= 2 * i + 2; j++)
			if (j < biggest->heap->len &&
			    size_at(biggest, j) < size_at(biggest, least))
				least = j;
		swap(biggest, i, least);
	} while (least != i);
}

void
biggest_init(struct biggest *biggest, enum control_sort sort, guint max)
{
	biggest->sort = sort;
	biggest->max = max;
	biggest->heap = g_array_new(FALSE, FALSE, sizeof(struct record));
}

void
biggest_offer(struct biggest *biggest, const struct record *record)
{
	if (biggest->heap->len < biggest->max) {
		g_array_append_vals(biggest->heap, record, 1);
		rise(biggest, biggest->heap->len - 1);
	} else if (size_of(record, biggest->sort) > size_at(biggest, 0)) {
		*at(biggest, 0) = *record;
		sink_in(biggest);
	}
}

static int
compare(const void *a, const void *b, void *sort)
{
	const uint64_t x = size_of(a, GPOINTER_TO_INT(sort));
	const uint64_t y = size_of(b, GPOINTER_TO_INT(sort));

	return (x < y) - (x > y);
}

GArray *
biggest_take(struct biggest *biggest)
{
	g_array_sort_with_data(biggest->heap, compare,
			       GINT_TO_POINTER(biggest->sort));
	return g_steal_pointer(&biggest->heap);
}
