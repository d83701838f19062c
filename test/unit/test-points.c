/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../records.h"
#include "../tap.h"
#include "points.h"

struct next {
	unsigned n_records, n_flushes;
	uint64_t octets;
	bool unfinished;
};

static void
push(void *to, struct record *record)
{
	struct next *next = to;

	next->n_records++;
	next->octets += record->value.octets;
}

static void
flush(void *to)
{
	((struct next *)to)->n_flushes++;
}

static bool
unfinished(void *to)
{
	return ((struct next *)to)->unfinished;
}

static void
push_one(const struct sink *sink, uint32_t index, int direction,
	 uint32_t packets, uint64_t octets)
{
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	record.key.if_index = index;
	record.key.direction = direction;
	record.value.packets = packets;
	record.value.octets = octets;
	record.boot_ns = 1000;
	sink_push(sink, &record);
}

static void
test_counts(void)
{
	struct iftable *table = iftable_new();
	const struct iface *old = iftable_add(table, 3, 1), *new;
	struct next next = { 0 };
	const struct sink last = { push, flush, &next, NULL };
	struct points *points = points_new(table, &last);
	const struct sink sink = points_sink(points);

	push_one(&sink, 3, FLOW_INGRESS, 2, 100);
	push_one(&sink, 3, FLOW_EGRESS, 1, 40);
	push_one(&sink, 3, FLOW_INGRESS, 3, 1000);
	push_one(&sink, 4, FLOW_INGRESS, 9, 900); /* nobody knows it */
	g_assert_cmpuint(old->traffic[FLOW_INGRESS].packets, ==, 5);
	g_assert_cmpuint(old->traffic[FLOW_INGRESS].octets, ==, 1100);
	g_assert_cmpuint(old->traffic[FLOW_EGRESS].packets, ==, 1);
	g_assert_cmpuint(old->traffic[FLOW_EGRESS].octets, ==, 40);

	/* What has the index now was not there then. */
	iftable_remove(table, iftable_find(table, 3));
	new = iftable_add(table, 3, 2000);
	push_one(&sink, 3, FLOW_EGRESS, 1, 60);
	g_assert_cmpuint(old->traffic[FLOW_EGRESS].octets, ==, 100);
	g_assert_cmpuint(new->traffic[FLOW_EGRESS].octets, ==, 0);

	g_assert_cmpuint(next.n_records, ==, 5);
	g_assert_cmpuint(next.octets, ==, 2100);
	points_free(points);
	iftable_free(table);
}

static void
test_flush(void)
{
	struct iftable *table = iftable_new();
	struct next next = { .unfinished = true };
	const struct sink parts = { push, flush, &next, unfinished };
	const struct sink whole = { push, flush, &next, NULL };
	struct points *points = points_new(table, &parts);
	struct sink sink = points_sink(points);

	g_assert_false(sink_flush(&sink));
	next.unfinished = false;
	g_assert_true(sink_flush(&sink));
	points_free(points);

	points = points_new(table, &whole);
	sink = points_sink(points);
	g_assert_true(sink_flush(&sink));
	g_assert_cmpuint(next.n_flushes, ==, 3);
	points_free(points);
	points_free(NULL);
	iftable_free(table);
}

static void
add(void)
{
	g_test_add_func("/points/counts", test_counts);
	g_test_add_func("/points/flush", test_flush);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
