/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../tap.h"
#include "decorate.h"

enum {
	LAN = 2,
	WAN = 3,
	UNHEARD = 77,
	MANY = 10000,
};

static const struct meter meter = { .domain = 5 };
static struct record got;

static void
keep(void *to, struct record *record)
{
	(void)to;
	got = *record;
}

static void
forget(void *to)
{
	(void)to;
}

struct fixture {
	struct iftable *table;
	struct decorate *decorate;
};

static void
set_up(struct fixture *f, const void *data)
{
	const struct sink sink = { keep, forget, NULL };

	(void)data;
	f->table = iftable_new();
	iftable_add(f->table, LAN, 0);
	iftable_add(f->table, WAN, 0);
	f->decorate = decorate_new(f->table, &meter, &sink);
}

static void
tear_down(struct fixture *f, const void *data)
{
	(void)data;
	decorate_free(f->decorate);
	iftable_free(f->table);
}

static void
push(struct fixture *f, uint32_t index, enum flow_direction direction,
     uint32_t from)
{
	const struct sink sink = decorate_sink(f->decorate);
	struct record record = {
		.key.if_index = index,
		.key.direction = direction,
		.value.origin.from_if_index = from,
		.boot_ns = 1000,
	};

	sink_push(&sink, &record);
}

static void
test_directions(struct fixture *f, const void *data)
{
	(void)data;
	push(f, LAN, FLOW_INGRESS, 0);
	g_assert_true(got.in == iftable_find(f->table, LAN));
	g_assert_null(got.out);
	g_assert_true(got.meter == &meter);
	push(f, WAN, FLOW_EGRESS, 0);
	g_assert_null(got.in);
	g_assert_true(got.out == iftable_find(f->table, WAN));
	push(f, WAN, FLOW_EGRESS, LAN);
	g_assert_true(got.in == iftable_find(f->table, LAN));
	g_assert_true(got.out == iftable_find(f->table, WAN));
}

/* What an index meant when the flow ended, not what it means now. */
static void
test_reuse(struct fixture *f, const void *data)
{
	struct iface *before = iftable_find(f->table, LAN), *after;

	(void)data;
	iftable_remove(f->table, before);
	after = iftable_add(f->table, LAN, 1001);
	push(f, LAN, FLOW_INGRESS, 0);
	g_assert_true(got.in == before);
	iftable_remove(f->table, after);
	iftable_add(f->table, LAN, 1000);
	push(f, LAN, FLOW_INGRESS, 0);
	g_assert_true(got.in == iftable_find(f->table, LAN));
}

/* Of a capture: a number is better than none, but not for ever so many. */
static void
test_unknown(struct fixture *f, const void *data)
{
	(void)data;
	push(f, UNHEARD, FLOW_EGRESS, UNHEARD + 1);
	g_assert_cmpuint(got.out->index, ==, UNHEARD);
	g_assert_cmpstr(got.out->name, ==, "");
	g_assert_cmpuint(got.in->index, ==, UNHEARD + 1);
	for (uint32_t i = 0; i < MANY; i++)
		push(f, UNHEARD + i, FLOW_INGRESS, 0);
	g_assert_null(got.in);
	push(f, LAN, FLOW_INGRESS, 0);
	g_assert_true(got.in == iftable_find(f->table, LAN));
	push(f, UNHEARD, FLOW_INGRESS, 0);
	g_assert_cmpuint(got.in->index, ==, UNHEARD);
}

static void
add(void)
{
	g_test_add("/decorate/directions", struct fixture, NULL, set_up,
		   test_directions, tear_down);
	g_test_add("/decorate/reuse", struct fixture, NULL, set_up, test_reuse,
		   tear_down);
	g_test_add("/decorate/unknown", struct fixture, NULL, set_up,
		   test_unknown, tear_down);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
