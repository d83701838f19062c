/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One record of a flow that several observation points see.
 */
#include "../observations.h"
#include "../tap.h"

enum { IN = FLOW_INGRESS, OUT = FLOW_EGRESS };

static void
add_plain(struct observations *o, uint32_t n)
{
	for (uint32_t index = 1; index <= n; index++)
		observations_add(o, index, IFACE_PLAIN, 0);
}

/* The original's TestDedupe. */
static void
test_dedupe(void)
{
	struct observations *o = observations_new(DEDUPE_DROP);

	see(o, 1, 2, IN, .start = 1000, .packets = 1);
	see(o, 2, 1, IN, .start = 1001, .packets = 1);
	see(o, 1, 1, IN, .start = 1002, .packets = 1);
	see(o, 1, 1, IN, .start = 1003, .packets = 1);
	see(o, 2, 2, OUT, .start = 1004, .packets = 1);
	see(o, 1, 2, IN, .start = 1005, .packets = 2);
	observations_expect(o, "");
	observations_expect(o, "1@2<1, 2@1<1, 1@2<2");
	g_assert_cmpuint(o->stats.records_duplicate, ==, 3);

	see(o, 1, 1, IN, .start = 1006, .packets = 1);
	see(o, 1, 2, IN, .start = 1006, .packets = 3);
	observations_expect(o, "1@2<3");
	observations_free(o);
}

/* The original's TestDedupe_EvictFlows, where duplicates do not keep an owner
 * alive: at 20 s flow 1 is another's. */
static void
test_evict_flows(void)
{
	struct observations *o =
		observations_new_for(DEDUPE_DROP, 15 * CLOCK_SECOND_NS, 1024);

	see(o, 1, 1, IN, .start = 100000, .reason = END_IDLE, .packets = 1);
	see(o, 2, 1, IN, .start = 100000, .reason = END_IDLE, .packets = 1);
	see(o, 1, 2, IN, .start = 100000, .packets = 1);
	observations_expect(o, "");
	observations_expect(o, "1@1<1, 2@1<1");

	see(o, 1, 2, IN, .start = 100000, .end = 110000, .packets = 1);
	observations_expect(o, "");
	see(o, 1, 2, IN, .start = 100000, .end = 120000, .packets = 2);
	see(o, 2, 2, IN, .start = 120000, .packets = 1);
	see(o, 2, 1, IN, .start = 120001, .packets = 1);
	observations_expect(o, "");
	observations_expect(o, "1@2<2, 2@2<1");

	see(o, 1, 2, IN, .start = 140000, .packets = 1);
	see(o, 2, 2, IN, .start = 140000, .packets = 1);
	observations_expect(o, "");
	observations_expect(o, "1@2<1, 2@2<1");
	observations_free(o);
}

/* The original's JustMark. */
static void
test_mark(void)
{
	struct observations *o = observations_new(DEDUPE_MARK);

	see(o, 1, 1, IN, .start = 1000, .packets = 1);
	see(o, 1, 2, OUT, .start = 1001, .packets = 2);
	see(o, 2, 1, OUT, .start = 1000, .packets = 3);
	observations_expect(o, "");
	observations_expect(o, "1@1<1, 1@2>2*, 2@1>3");
	g_assert_cmpuint(o->stats.records_duplicate, ==, 1);
	observations_free(o);
}

static void
test_router(void)
{
	struct observations *o = observations_new(DEDUPE_MERGE);

	add_plain(o, 2);
	/* in the order of the table, which is none */
	see(o, 1, 2, OUT, 1, .start = 1001, .end = 61001, .packets = 9);
	see(o, 1, 1, IN, .start = 1000, .end = 61000, .packets = 10);
	see(o, 2, 2, IN, .start = 1000, .end = 61000, .packets = 11);
	see(o, 2, 1, OUT, 2, .start = 1001, .end = 61001, .packets = 11);
	observations_expect(o, "");
	observations_expect(o, "1@1<10 1-2, 2@2<11 2-1");

	/* what was learned holds, whoever speaks first */
	see(o, 2, 1, OUT, 2, .start = 61000, .end = 121001, .packets = 22);
	see(o, 1, 1, IN, .start = 61000, .end = 121000, .packets = 20);
	observations_expect(o, "1@1<20 1-2");
	see(o, 2, 2, IN, .start = 61000, .end = 121000, .packets = 22);
	observations_expect(o, "2@2<22 2-1");
	g_assert_cmpuint(o->stats.records_duplicate, ==, 3);
	observations_free(o);
}

/* Some of it is due in the next scan only. */
static void
test_edge(void)
{
	struct observations *o = observations_new(DEDUPE_MERGE);

	add_plain(o, 3);
	see(o, 1, 1, IN, .start = 1000, .packets = 1, .reason = END_IDLE);
	see(o, 2, 2, OUT, 1, .start = 1001, .packets = 1, .reason = END_IDLE);
	observations_expect(o, "");
	see(o, 1, 2, OUT, 1, .start = 1001, .packets = 1, .reason = END_IDLE);
	see(o, 2, 1, IN, .start = 1000, .packets = 1, .reason = END_IDLE);
	observations_expect(o, "1@1<1 1-2, 2@1<1 1-2");

	see(o, 3, 3, IN, .start = 1001, .packets = 1, .reason = END_IDLE);
	see(o, 3, 2, OUT, 3, .start = 1002, .packets = 1, .reason = END_IDLE);
	observations_expect(o, "");
	see(o, 3, 1, IN, .start = 1000, .packets = 1, .reason = END_IDLE);
	observations_expect(o, "3@1<1 3-2");
	observations_free(o);
}

/* The wall clock is read anew for each of them: a record's start is not as
 * exact as its first packet's time. */
static void
test_clocks(void)
{
	struct observations *o = observations_new(DEDUPE_MERGE);

	add_plain(o, 2);
	see(o, 1, 2, OUT, 1, .start = 999, .first = 501, .packets = 1);
	see(o, 1, 1, IN, .start = 1000, .first = 500, .packets = 1);
	observations_expect(o, "");
	observations_expect(o, "1@1<1 1-2");
	observations_free(o);
}

/* Who saw it on one side only waits once, and not when all have spoken. */
static void
test_alone(void)
{
	struct observations *o = observations_new(DEDUPE_MERGE);

	add_plain(o, 1);
	see(o, 1, 1, IN, .start = 1000, .end = 61000, .packets = 1);
	see(o, 2, 1, IN, .start = 1000, .packets = 2, .reason = END_FORCED);
	see(o, 3, 1, OUT, .start = 1000, .packets = 3, .reason = END_FORCED);
	observations_expect(o, "2@1<2 1-0, 3@1>3 0-1");
	observations_expect(o, "1@1<1 1-0");
	see(o, 1, 1, IN, .start = 61000, .packets = 4);
	observations_expect(o, "1@1<4 1-0");
	observations_free(o);
}

/* Its interfaces are those between which it is routed. */
static void
test_stack(void)
{
	struct observations *o = observations_new(DEDUPE_MERGE);

	add_plain(o, 2);
	observations_add(o, 10, IFACE_VLAN, 0);
	observations_add(o, 20, IFACE_VLAN, 0);
	/* a router on a stick: 1.10 to 1.20 */
	see(o, 1, 1, OUT, 10, .start = 1003, .packets = 5, .vlan_id = 20);
	see(o, 1, 20, OUT, 10, .start = 1002, .packets = 5);
	see(o, 1, 10, IN, .start = 1001, .packets = 5);
	see(o, 1, 1, IN, .start = 1000, .packets = 5, .vlan_id = 10);
	/* to this host, and from it */
	see(o, 2, 10, IN, .start = 1001, .packets = 5);
	see(o, 2, 1, IN, .start = 1000, .packets = 5, .vlan_id = 10);
	see(o, 3, 1, OUT, .start = 1001, .packets = 5, .vlan_id = 10);
	see(o, 3, 10, OUT, .start = 1000, .packets = 5);
	observations_expect(o, "");
	observations_expect(o, "1@1<5 10-20, 2@1<5 10-0, 3@10>5 0-10");
	g_assert_cmpuint(o->stats.records_duplicate, ==, 5);
	observations_free(o);
}

static void
test_hairpin(void)
{
	struct observations *o = observations_new(DEDUPE_MERGE);

	add_plain(o, 1);
	see(o, 1, 1, OUT, 1, .start = 1001, .packets = 5);
	see(o, 1, 1, IN, .start = 1000, .packets = 5);
	observations_expect(o, "");
	observations_expect(o, "1@1<5 1-1");
	observations_free(o);
}

/* Ports add up; what they are ports of repeats them. */
static void
test_ports(void)
{
	struct observations *o = observations_new(DEDUPE_MERGE);
	static const enum iface_kind kinds[] = { IFACE_BOND, IFACE_TEAM };

	for (uint32_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		uint32_t master = 10 + 10 * i;

		observations_add(o, master, kinds[i], 0);
		observations_add(o, master + 1, IFACE_PLAIN, master);
		observations_add(o, master + 2, IFACE_PLAIN, master);
	}
	observations_add(o, 3, IFACE_PLAIN, 0);
	see(o, 1, 10, IN, .start = 1001, .packets = 10);
	see(o, 1, 11, IN, .start = 1004, .packets = 4);
	see(o, 1, 12, IN, .start = 1000, .packets = 6);
	see(o, 1, 3, OUT, 10, .start = 1002, .packets = 10);
	observations_expect(o, "");
	observations_expect(o, "1@11<4 10-3, 1@12<6 10-3");

	/* to this host, where nobody observes the team */
	see(o, 2, 21, IN, .start = 1000, .packets = 3);
	see(o, 2, 22, IN, .start = 1000, .packets = 7);
	observations_expect(o, "");
	observations_expect(o, "2@21<3 21-0, 2@22<7 22-0");

	/* out by the bond */
	see(o, 3, 11, OUT, .start = 1001, .packets = 4);
	see(o, 3, 12, OUT, .start = 1001, .packets = 6);
	see(o, 3, 10, OUT, .start = 1000, .packets = 10);
	observations_expect(o, "");
	observations_expect(o, "3@10>10 0-10");
	observations_free(o);
}

/* Those of a bridge are not parallel. */
static void
test_bridge(void)
{
	struct observations *o = observations_new(DEDUPE_MERGE);

	observations_add(o, 10, IFACE_BRIDGE, 0);
	observations_add(o, 1, IFACE_VETH, 10);
	observations_add(o, 2, IFACE_VETH, 10);
	see(o, 1, 1, IN, .start = 1000, .packets = 5);
	see(o, 1, 2, OUT, 1, .start = 1001, .packets = 5);
	observations_expect(o, "");
	observations_expect(o, "1@1<5 1-2");
	observations_free(o);
}

/* What waits is judged by the new mode. */
static void
test_set_mode(void)
{
	struct observations *o = observations_new(DEDUPE_DROP);

	see(o, 1, 1, IN, .start = 1000, .packets = 1);
	see(o, 1, 2, OUT, 1, .start = 1001, .packets = 2);
	observations_expect(o, "");
	dedupe_set(o->dedupe, DEDUPE_MARK, 30 * CLOCK_SECOND_NS,
		   60 * CLOCK_SECOND_NS);
	observations_expect(o, "1@1<1, 1@2>2*");
	dedupe_set(o->dedupe, DEDUPE_DROP, CLOCK_SECOND_NS, CLOCK_SECOND_NS);
	see(o, 1, 2, OUT, 1, .start = 1001, .end = 3000, .packets = 3,
	    .before = 2);
	observations_expect(o, "");
	observations_expect(o, NULL);
	g_assert_cmpuint(o->stats.records_duplicate, ==, 1);
	observations_free(o);
}

/* Without the stage nothing waits, and what did is not lost; with it again,
 * flows are learned anew. */
static void
test_set_off(void)
{
	struct observations *o = observations_new(DEDUPE_MARK);

	see(o, 1, 1, IN, .start = 1000, .packets = 1);
	see(o, 1, 2, OUT, 1, .start = 1001, .packets = 1);
	observations_expect(o, "");
	see(o, 2, 1, IN, .start = 2000, .packets = 2);
	dedupe_set(o->dedupe, DEDUPE_OFF, 30 * CLOCK_SECOND_NS,
		   60 * CLOCK_SECOND_NS);
	see(o, 3, 1, IN, .start = 2000, .packets = 3);
	observations_expect(o, "3@1<3, 1@1<1, 2@1<2");
	g_assert_cmpuint(o->stats.records_duplicate, ==, 1);
	see(o, 3, 1, IN, .start = 2000, .packets = 4);
	see(o, 3, 2, OUT, 1, .start = 2001, .packets = 4);
	observations_expect(o, "3@1<4, 3@2>4");
	dedupe_set(o->dedupe, DEDUPE_MARK, 30 * CLOCK_SECOND_NS,
		   60 * CLOCK_SECOND_NS);
	see(o, 3, 2, OUT, 1, .start = 2001, .packets = 5);
	see(o, 3, 1, IN, .start = 2000, .packets = 5);
	observations_expect(o, "");
	observations_expect(o, "3@2>5*, 3@1<5");
	observations_free(o);
}

/* An observation point may have several slots of a flow. */
static void
test_tos(void)
{
	struct observations *o = observations_new(DEDUPE_MERGE);

	add_plain(o, 2);
	see(o, 1, 2, OUT, 1, .start = 1001, .packets = 4, .tos = 8);
	see(o, 1, 1, IN, .start = 1010, .packets = 3, .tos = 4);
	see(o, 1, 2, OUT, 1, .start = 1011, .packets = 3, .tos = 12);
	see(o, 1, 1, IN, .start = 1000, .packets = 4, .tos = 0);
	observations_expect(o, "");
	observations_expect(o, "1@1<3 1-2, 1@1<4 1-2");
	observations_free(o);
}

static void
add_tests(void)
{
	g_test_add_func("/dedupe/dedupe", test_dedupe);
	g_test_add_func("/dedupe/evict-flows", test_evict_flows);
	g_test_add_func("/dedupe/mark", test_mark);
	g_test_add_func("/dedupe/router", test_router);
	g_test_add_func("/dedupe/edge", test_edge);
	g_test_add_func("/dedupe/clocks", test_clocks);
	g_test_add_func("/dedupe/alone", test_alone);
	g_test_add_func("/dedupe/stack", test_stack);
	g_test_add_func("/dedupe/hairpin", test_hairpin);
	g_test_add_func("/dedupe/ports", test_ports);
	g_test_add_func("/dedupe/bridge", test_bridge);
	g_test_add_func("/dedupe/set-mode", test_set_mode);
	g_test_add_func("/dedupe/set-off", test_set_off);
	g_test_add_func("/dedupe/tos", test_tos);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add_tests);
}
