/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * More flows than the tables hold, or a step can do.
 */
#include "../observations.h"
#include "../tap.h"

enum { IN = FLOW_INGRESS, OUT = FLOW_EGRESS };

#define EXPIRE_NS (30 * CLOCK_SECOND_NS)

/* More flows than the table has room for; no records are held. */
static void
test_full(void)
{
	struct observations *o =
		observations_new_for(DEDUPE_MERGE, EXPIRE_NS, 16);
	uint32_t n = 0;

	for (uint16_t flow = 0; flow < 1000; flow++) {
		see(o, flow, 1, IN, .start = 1000 + flow, .packets = 1,
		    .reason = END_IDLE);
		see(o, flow, 2, OUT, 1, .start = 1001 + flow, .packets = 1,
		    .reason = END_IDLE);
	}
	while (!sink_flush(&o->sink))
		;
	observations_expect(o, NULL);
	n = o->n_records;
	g_assert_cmpuint(n + o->stats.records_duplicate, ==, 2000);
	g_assert_cmpuint(n, >=, 1000);
	g_assert_cmpuint(o->stats.records_duplicate, >, 0);
	observations_free(o);
}

/* A flush that takes several steps loses nothing and keeps the order. */
static void
test_steps(void)
{
	enum { N = 10000 };
	struct observations *o =
		observations_new_for(DEDUPE_MERGE, EXPIRE_NS, 4 * N);
	guint n_steps = 1;

	for (uint16_t flow = 0; flow < N; flow++) {
		see(o, flow, 1, IN, .start = 1000, .packets = 1);
		if (flow % 2)
			see(o, flow, 2, OUT, 1, .start = 1001, .packets = 1);
	}
	while (!sink_flush(&o->sink))
		n_steps++;
	g_assert_cmpuint(n_steps, ==, 4);
	g_assert_cmpuint(o->n_records, ==, 0);
	observations_expect(o, NULL);
	g_assert_cmpuint(o->n_records, ==, N);
	g_assert_cmpuint(o->stats.records_duplicate, ==, N / 2);
	observations_free(o);
}

/* We stop while records wait for another scan: they are not lost. */
static void
test_end(void)
{
	enum { N = 10000 };
	struct observations *o =
		observations_new_for(DEDUPE_MERGE, EXPIRE_NS, 4 * N);

	see(o, 0, 1, IN, .start = 1000, .end = 2000, .packets = 1);
	observations_expect(o, "");
	observations_expect(o, "0@1<1");
	/* a connection that another one follows, and a flow that moves */
	see(o, 0, 2, IN, .start = 3100, .end = 4000, .packets = 2);
	for (uint16_t flow = 1; flow <= N; flow++)
		see(o, flow, 1, IN, .start = 3000, .packets = 1,
		    .reason = END_TCP);
	dedupe_end(o->dedupe);
	g_assert_cmpuint(o->n_records, ==, N + 2);
	g_assert_cmpuint(o->stats.records_duplicate, ==, 0);
	g_assert_cmpuint(o->n_flushes, ==, 3);
	observations_free(o);
}

static void
add(void)
{
	g_test_add_func("/dedupe/full", test_full);
	g_test_add_func("/dedupe/steps", test_steps);
	g_test_add_func("/dedupe/end", test_end);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
