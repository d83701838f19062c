/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows that move, and owners that fall silent.
 */
#include "../observations.h"
#include "../tap.h"

enum { IN = FLOW_INGRESS, OUT = FLOW_EGRESS };

static struct observations *
set_up(void)
{
	struct observations *o = observations_new(DEDUPE_MERGE);

	for (uint32_t index = 1; index <= 3; index++)
		observations_add(o, index, IFACE_PLAIN, 0);
	return o;
}

/* From 1 to 2 and out by 3: nothing is lost, nothing counted twice. */
static void
test_moves(void)
{
	struct observations *o = set_up();

	see(o, 1, 3, OUT, 1, .start = 1001, .end = 61001, .packets = 60);
	see(o, 1, 1, IN, .start = 1000, .end = 61000, .packets = 60);
	observations_expect(o, "");
	observations_expect(o, "1@1<60 1-3");

	/* at 70 s it moves; 3 reports when it is due, as ever */
	see(o, 1, 1, IN, .start = 61000, .end = 70000, .packets = 9,
	    .reason = END_IDLE);
	observations_expect(o, "1@1<9 1-3");
	see(o, 1, 3, OUT, 1, .start = 61001, .end = 95000, .packets = 34,
	    .before = 60);
	observations_expect(o, "");
	see(o, 1, 2, IN, .start = 70001, .end = 130001, .packets = 60);
	see(o, 1, 3, OUT, 1, .start = 95000, .end = 155000, .packets = 60,
	    .before = 94);
	observations_expect(o, "");
	observations_expect(o, "1@2<60 2-3");
	observations_free(o);
}

/* The same while the wall clock is set back by a day: what was told before
 * does not lie in the future. */
static void
test_clock_step(void)
{
	struct observations *o = set_up();

	o->wall_ns = 86400 * CLOCK_SECOND_NS;
	see(o, 1, 1, IN, .start = 1000, .end = 61000, .packets = 60);
	observations_expect(o, "");
	observations_expect(o, "1@1<60 1-0");
	o->wall_ns = 0;
	see(o, 1, 1, IN, .start = 61000, .end = 70000, .packets = 9,
	    .reason = END_IDLE);
	see(o, 1, 2, IN, .start = 70001, .end = 130001, .packets = 60);
	observations_expect(o, "1@1<9 1-0");
	observations_expect(o, "1@2<60 2-0");
	g_assert_cmpuint(o->stats.records_duplicate, ==, 0);
	observations_free(o);
}

/* Who saw it all the time is due sooner than who sees it in its new place. */
static void
test_heirs(void)
{
	struct observations *o = set_up();

	see(o, 1, 1, IN, .start = 1000, .end = 61000, .packets = 60);
	see(o, 1, 3, OUT, 1, .start = 1001, .end = 60999, .packets = 59);
	observations_expect(o, "");
	observations_expect(o, "1@1<60 1-3");
	see(o, 1, 3, OUT, 1, .start = 61001, .end = 121001, .packets = 61,
	    .before = 59);
	observations_expect(o, "");
	see(o, 1, 2, IN, .start = 61002, .end = 121002, .packets = 60);
	observations_expect(o, "");
	observations_expect(o, "1@2<60 2-3");
	observations_expect(o, "");
	g_assert_cmpuint(o->stats.records_duplicate, ==, 2);
	observations_free(o);
}

/* Duplicates that go on do not keep it with an owner that is silent. */
static void
test_black_hole(void)
{
	struct observations *o = set_up();

	see(o, 1, 1, IN, .start = 1000, .end = 61000, .packets = 60);
	see(o, 1, 3, OUT, 1, .start = 1001, .end = 61001, .packets = 60);
	observations_expect(o, "");
	observations_expect(o, "1@1<60 1-3");
	for (int minute = 1; minute < 5; minute++) {
		see(o, 1, 3, OUT, 1, .start = 1001 + minute * 60000,
		    .end = 61001 + minute * 60000, .packets = 60,
		    .before = 60 * minute);
		if (minute == 1) /* somebody may have more to tell */
			for (int scan = 0; scan < 3; scan++)
				observations_expect(o, "");
		observations_expect(o, "1@3>60 1-3");
	}
	observations_free(o);
}

/* It moves at a time and ends soon after; both are due in one scan, in either
 * order. */
static void
test_short_move(void)
{
	struct observations *o = set_up();

	for (uint16_t flow = 1; flow <= 2; flow++)
		for (uint32_t i = 0; i < 2; i++) {
			bool second = (flow + i) % 2;

			see(o, flow, second ? 2 : 1, IN,
			    .start = second ? 3500 : 1000,
			    .end = second ? 5000 : 3496, .packets = 5,
			    .reason = END_IDLE);
		}
	observations_expect(o, "");
	observations_expect(o, "1@2<5 2-0, 1@1<5 1-0, 2@1<5 1-0, 2@2<5 2-0");
	g_assert_cmpuint(o->stats.records_duplicate, ==, 0);
	observations_free(o);
}

/* It moves soon after the owner's last report; what both saw while they were
 * asked one after the other is no move. */
static void
test_after_report(void)
{
	struct observations *o = set_up();

	for (uint16_t flow = 1; flow <= 2; flow++) {
		see(o, flow, 1, IN, .start = 1000, .end = 61000, .packets = 60);
		see(o, flow, 3, OUT, 1, .start = 1001, .end = 61000,
		    .packets = 60);
	}
	observations_expect(o, "");
	observations_expect(o, "1@1<60 1-3, 2@1<60 1-3");
	see(o, 1, 2, IN, .start = 61002, .end = 62000, .packets = 2,
	    .reason = END_IDLE);
	see(o, 2, 3, OUT, 1, .start = 61001, .end = 61010, .packets = 1,
	    .before = 60, .reason = END_IDLE);
	observations_expect(o, "");
	observations_expect(o, "1@2<2 2-3");
	observations_expect(o, "");
	observations_expect(o, "");
	observations_free(o);
}

/* One packet that is over at the first point before it reaches the second. */
static void
test_slow_passage(void)
{
	struct observations *o = set_up();

	see(o, 1, 1, IN, .start = 1000, .packets = 1, .reason = END_IDLE);
	see(o, 1, 3, OUT, 1, .start = 1700, .packets = 1, .reason = END_IDLE);
	observations_expect(o, "");
	observations_expect(o, "1@1<1 1-3");
	observations_free(o);
}

/* Its record goes on after the owner's last packet: for how long? */
static void
test_expire(void)
{
	static const struct {
		enum end_reason reason;
		uint64_t until;
		const char *out;
	} cases[] = {
		/* until it has ended, the owner may have more to report */
		{ END_ACTIVE, 70000, "1@1<10 1-3" },
		{ END_ACTIVE, 70001, "1@1<10 1-3, 1@3>99 1-3" },
		{ END_IDLE, 40000, "1@1<10 1-3" },
		{ END_IDLE, 40001, "1@1<10 1-3, 1@3>99 1-3" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct observations *o = set_up();

		see(o, 1, 1, IN, .start = 1000, .end = 10000, .packets = 10,
		    .reason = cases[i].reason);
		see(o, 1, 3, OUT, 1, .start = 1001, .end = cases[i].until,
		    .packets = 99);
		observations_expect(o, "");
		observations_expect(o, cases[i].out);
		observations_free(o);
	}
}

/* In the next scan the owner reports after all. */
static void
test_late_owner(void)
{
	struct observations *o = set_up();

	see(o, 1, 1, IN, .start = 1000, .end = 61000, .packets = 60);
	see(o, 1, 3, OUT, 1, .start = 1001, .end = 61001, .packets = 60);
	observations_expect(o, "");
	observations_expect(o, "1@1<60 1-3");
	see(o, 1, 3, OUT, 1, .start = 61001, .end = 121001, .packets = 60,
	    .before = 60);
	observations_expect(o, "");
	see(o, 1, 1, IN, .start = 61000, .end = 121000, .packets = 60,
	    .before = 60);
	observations_expect(o, "1@1<60 1-3");
	observations_free(o);
}

/* Who is gone has no more to report. */
static void
test_gone(void)
{
	struct observations *o = set_up();

	for (uint16_t flow = 1; flow <= 4; flow++) {
		uint32_t in = 1 + flow / 3;

		see(o, flow, in, IN, .start = 1000, .end = 10000,
		    .packets = 10);
		see(o, flow, 3, OUT, in, .start = 1001, .end = 40000 + flow % 2,
		    .packets = 40);
	}
	iftable_remove(o->iftable, iftable_find(o->iftable, 1));
	iftable_remove(o->iftable, iftable_find(o->iftable, 2));
	iftable_add(o->iftable, 2, 11 * CLOCK_SECOND_NS); /* another */
	observations_expect(o, "");
	observations_expect(o, "1@1<10 1-3, 1@3>40 1-3, 2@1<10 1-3, "
			       "3@2<10 2-3, 3@3>40 2-3, 4@2<10 2-3");
	observations_free(o);
}

/* One port of a bond falls silent: the owner is not. */
static void
test_port_gone(void)
{
	struct observations *o = observations_new(DEDUPE_DROP);

	observations_add(o, 10, IFACE_BOND, 0);
	observations_add(o, 11, IFACE_PLAIN, 10);
	observations_add(o, 12, IFACE_PLAIN, 10);
	see(o, 1, 11, IN, .start = 1000, .end = 9000, .packets = 10);
	see(o, 1, 10, IN, .start = 1001, .end = 9000, .packets = 10);
	observations_expect(o, "");
	observations_expect(o, "1@11<10");
	see(o, 1, 12, IN, .start = 9001, .end = 20000, .packets = 11);
	see(o, 1, 10, IN, .start = 9000, .end = 20000, .packets = 11);
	observations_expect(o, "1@12<11");
	observations_free(o);
}

/* What was long ago decides nothing. */
static void
test_anew(void)
{
	struct observations *o = set_up();

	see(o, 1, 3, OUT, 2, .start = 1000, .packets = 1, .reason = END_IDLE);
	observations_expect(o, "");
	observations_expect(o, "1@3>1 2-3");
	see(o, 1, 3, OUT, 1, .start = 31002, .packets = 2, .reason = END_IDLE);
	see(o, 1, 1, IN, .start = 31001, .packets = 2, .reason = END_IDLE);
	observations_expect(o, "");
	observations_expect(o, "1@1<2 1-3");
	observations_free(o);
}

static void
add_tests(void)
{
	g_test_add_func("/dedupe/moves", test_moves);
	g_test_add_func("/dedupe/clock-step", test_clock_step);
	g_test_add_func("/dedupe/heirs", test_heirs);
	g_test_add_func("/dedupe/black-hole", test_black_hole);
	g_test_add_func("/dedupe/short-move", test_short_move);
	g_test_add_func("/dedupe/after-report", test_after_report);
	g_test_add_func("/dedupe/slow-passage", test_slow_passage);
	g_test_add_func("/dedupe/expire", test_expire);
	g_test_add_func("/dedupe/late-owner", test_late_owner);
	g_test_add_func("/dedupe/gone", test_gone);
	g_test_add_func("/dedupe/port-gone", test_port_gone);
	g_test_add_func("/dedupe/anew", test_anew);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add_tests);
}
