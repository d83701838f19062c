/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health.h"

#include <inttypes.h>

#include "clock.h"
#include "health_rules.h"

#define STEP_NS	    (600 * CLOCK_SECOND_NS) /* that long a step is news */
#define FLOW_OCTETS 264	      /* of memory, as flowexport.conf(5) says */
#define MOST_FLOWS  (1 << 26) /* that flows.max can be */

static void
free_finding(void *data)
{
	struct finding *finding = data;

	g_free(finding->what);
	g_free(finding->remedy);
	g_free(finding);
}

void
health_say(const struct says *says, char *what, char *remedy)
{
	struct finding *finding = g_new(struct finding, 1);

	*finding = (struct finding){ says->problem, what, remedy };
	g_ptr_array_add(says->findings, finding);
}

uint64_t
health_seconds(const struct snapshot *snapshot, uint64_t boot_ns)
{
	return snapshot->boot_ns > boot_ns
		       ? (snapshot->boot_ns - boot_ns) / CLOCK_SECOND_NS
		       : 0;
}

/* At three quarters of what it is made for, the table is under pressure. */
static uint64_t
enough(const struct snapshot *snapshot)
{
	uint64_t wanted = snapshot->flows_demand + snapshot->flows_demand / 3;
	uint64_t max = snapshot->flows_max;

	while (max < wanted || max == snapshot->flows_max)
		max *= 2;
	return MIN(max, MOST_FLOWS);
}

static char *
table_remedy(const struct snapshot *snapshot)
{
	uint64_t max = enough(snapshot);

	return g_strdup_printf("set flows.max to %" PRIu64 " (%" PRIu64
			       " MB in all) and restart",
			       max, max * FLOW_OCTETS / 1000000);
}

static void
judge_unaccounted(const struct says *says)
{
	const struct snapshot *snapshot = says->snapshot;

	if (snapshot->unaccounted.lately)
		health_say(says,
			   g_strdup_printf("%" PRIu64
					   " packets found no room in the "
					   "last minute, and are in no flow",
					   snapshot->unaccounted.lately),
			   table_remedy(snapshot));
}

static void
judge_table(const struct says *says)
{
	const struct snapshot *snapshot = says->snapshot;

	if (snapshot->unaccounted.lately ||
	    (!snapshot->lack.lately && !snapshot->overflowed.lately))
		return;
	health_say(says,
		   g_strdup_printf("the flow table of %" PRIu64
				   " is too small: in "
				   "the last minute %" PRIu64
				   " flows ended early, and %" PRIu64
				   " packets took the way around",
				   snapshot->flows_max, snapshot->lack.lately,
				   snapshot->overflowed.lately),
		   table_remedy(snapshot));
}

static void
judge_table_once(const struct says *says)
{
	const struct snapshot *snapshot = says->snapshot;

	if (snapshot->unaccounted.lately || snapshot->lack.lately ||
	    snapshot->overflowed.lately)
		return;
	if (snapshot->unaccounted.total || snapshot->lack.total)
		health_say(
			says,
			g_strdup_printf("the flow table was too small: %" PRIu64
					" flows ended early and %" PRIu64
					" packets found no room, none lately",
					snapshot->lack.total,
					snapshot->unaccounted.total),
			table_remedy(snapshot));
}

/* The error begins with the interface. */
static void
judge_interfaces(const struct says *says)
{
	const GArray *all = says->snapshot->interfaces;

	for (guint i = 0; i < all->len; i++) {
		const struct observe_state *state =
			&g_array_index(all, struct observe_state, i);

		if (state->error)
			health_say(says,
				   g_strdup_printf("not observed: %s",
						   state->error),
				   g_strdup("mend that, or leave it out with "
					    "interfaces.exclude"));
	}
}

static void
judge_nothing(const struct says *says)
{
	const struct snapshot *snapshot = says->snapshot;

	if (!snapshot->n_observed && !snapshot->n_failed &&
	    !snapshot->n_pending)
		health_say(says, g_strdup("no interface is observed"),
			   g_strdup("see that interfaces.include and "
				    "interfaces.exclude leave one"));
}

static void
judge_clock(const struct says *says)
{
	const struct snapshot *snapshot = says->snapshot;

	if (!snapshot->stepped_boot_ns ||
	    snapshot->boot_ns > snapshot->stepped_boot_ns + STEP_NS)
		return;
	health_say(says,
		   g_strdup_printf(
			   "the clock was set %s by %.1f s, %" PRIu64
			   " s ago: flows "
			   "of before and after disagree by that",
			   snapshot->stepped_ns < 0 ? "back" : "forward",
			   (double)ABS(snapshot->stepped_ns) / CLOCK_SECOND_NS,
			   health_seconds(snapshot, snapshot->stepped_boot_ns)),
		   g_strdup("let chrony or another NTP client keep it"));
}

static void
judge_tcx(const struct says *says)
{
	const struct snapshot *snapshot = says->snapshot;

	if (snapshot->n_observed && !snapshot->n_tcx && !snapshot->wants_tc)
		health_say(says,
			   g_strdup_printf(
				   "Linux %s has no TCX (6.6): clsact filters "
				   "are used",
				   snapshot->kernel),
			   NULL);
}

static void
judge_atomics(const struct says *says)
{
	if (says->snapshot->partitioned)
		health_say(says,
			   g_strdup_printf(
				   "Linux %s has no atomic compare-and-swap "
				   "for programs (5.12; arm64: 5.18): a flow "
				   "counts once for each CPU that it is on",
				   says->snapshot->kernel),
			   NULL);
}

static void
judge_ring(const struct says *says)
{
	if (says->snapshot->wants_overflow && !says->snapshot->has_overflow)
		health_say(says,
			   g_strdup_printf(
				   "Linux %s has no BPF ring buffer (5.8): a "
				   "packet that finds the table full is lost "
				   "to flows",
				   says->snapshot->kernel),
			   NULL);
}

/* Either of the whole, or of each collector. */
static const struct rule {
	bool problem;
	void (*judge)(const struct says *says);
	health_rule *judge_collector;
} rules[] = {
	{ true, judge_unaccounted },
	{ true, judge_table },
	{ true, NULL, health_down },
	{ true, NULL, health_silent },
	{ true, NULL, health_dropped },
	{ true, NULL, health_queue },
	{ true, judge_interfaces },
	{ true, judge_nothing },
	{ true, judge_clock },
	{ false, judge_table_once },
	{ false, NULL, health_dropped_once },
	{ false, judge_tcx },
	{ false, judge_atomics },
	{ false, judge_ring },
};

GPtrArray *
health_judge(const struct snapshot *snapshot)
{
	struct says says = {
		.snapshot = snapshot,
		.findings = g_ptr_array_new_with_free_func(free_finding),
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
		says.problem = rules[i].problem;
		if (rules[i].judge)
			rules[i].judge(&says);
		for (guint j = 0;
		     rules[i].judge_collector && j < snapshot->collectors->len;
		     j++)
			rules[i].judge_collector(
				&says,
				&g_array_index(snapshot->collectors,
					       struct snapshot_collector, j));
	}
	return says.findings;
}
