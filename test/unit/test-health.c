/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of the host, of the table and of its interfaces. */
#include "../tap.h"
#include "../world.h"

static void
spoil_nothing(struct world *w)
{
	(void)w;
}

static void
end_early(struct world *w)
{
	w->snapshot.lack = (struct snapshot_gain){ 40, 30 };
	w->snapshot.flows_demand = 2900; /* and a third: 3866 */
}

static void
overflow(struct world *w)
{
	w->snapshot.overflowed = (struct snapshot_gain){ 40, 40 };
	w->snapshot.flows_demand = 760;
}

static void
find_no_room(struct world *w)
{
	end_early(w);
	w->snapshot.unaccounted = (struct snapshot_gain){ 20, 9 };
}

static void
have_ended_early(struct world *w)
{
	w->snapshot.lack.total = 40;
	w->snapshot.unaccounted.total = 3;
}

static void
fail_to_attach(struct world *w)
{
	w->interface->how = NULL;
	w->interface->error = "interface eth0: cannot attach to its egress: "
			      "it has an ingress qdisc";
	w->snapshot.n_failed = 1;
	w->snapshot.n_observed = 0;
}

static void
observe_nothing(struct world *w)
{
	w->interface->selected = false;
	w->interface->how = NULL;
	w->snapshot.n_observed = 0;
}

static void
set_back(struct world *w)
{
	w->snapshot.stepped_boot_ns = 960 * WORLD_S;
	w->snapshot.stepped_ns = -3 * (int64_t)WORLD_S - (int64_t)WORLD_S / 2;
}

static void
set_forward(struct world *w)
{
	w->snapshot.stepped_boot_ns = 960 * WORLD_S;
	w->snapshot.stepped_ns = 7200 * (int64_t)WORLD_S;
}

static void
set_long_ago(struct world *w)
{
	w->snapshot.stepped_boot_ns = 399 * WORLD_S;
	w->snapshot.stepped_ns = -3 * (int64_t)WORLD_S;
}

static void
lack_tcx(struct world *w)
{
	w->interface->how = "tc";
	w->snapshot.n_tcx = 0;
}

static void
want_tc(struct world *w)
{
	lack_tcx(w);
	w->snapshot.wants_tc = true;
}

static void
lack_atomics(struct world *w)
{
	w->snapshot.partitioned = true;
}

static void
lack_ring(struct world *w)
{
	w->snapshot.has_overflow = false;
}

static void
want_no_ring(struct world *w)
{
	w->snapshot.wants_overflow = w->snapshot.has_overflow = false;
}

static const struct world_row rows[] = {
	{ "well", spoil_nothing },
	{ "early", end_early,
	  "!the flow table of 1000 is too small: in the last minute 30 flows "
	  "ended early, and 0 packets",
	  "set flows.max to 4000 (1 MB in all) and restart" },
	{ "overflow", overflow, "0 flows ended early, and 40 packets",
	  "set flows.max to 2000" },
	{ "no-room", find_no_room, "!9 packets found no room", "4000" },
	{ "early-once", have_ended_early,
	  "-the flow table was too small: 40 flows ended early and 3 packets",
	  "set flows.max to 2000" },
	{ "not-attached", fail_to_attach,
	  "!not observed: interface eth0: cannot attach to its egress: it has "
	  "an ingress qdisc",
	  "interfaces.exclude" },
	{ "nothing", observe_nothing, "!no interface is observed",
	  "interfaces.include" },
	{ "back", set_back, "!the clock was set back by 3.5 s, 40 s ago",
	  "NTP" },
	{ "forward", set_forward,
	  "!the clock was set forward by 7200.0 s, 40 s ago", "NTP" },
	{ "long-ago", set_long_ago },
	{ "tcx", lack_tcx, "-Linux 6.18 has no TCX", NULL },
	{ "tc-wanted", want_tc },
	{ "atomics", lack_atomics, "-Linux 6.18 has no atomic", NULL },
	{ "ring", lack_ring, "-Linux 6.18 has no BPF ring buffer", NULL },
	{ "no-ring-wanted", want_no_ring },
};

/* Problems come first, whatever else there is. */
static void
test_all(void)
{
	g_autoptr(GPtrArray) findings = NULL;
	bool problem = true;
	struct world w;

	world_make(&w);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		rows[i].spoil(&w);
	w.row->dropped = (struct snapshot_gain){ 500, 77 };
	world_refuse(&w);
	findings = health_judge(&w.snapshot);
	world_clear(&w);
	g_assert_cmpuint(findings->len, >, 3);
	for (guint i = 0; i < findings->len; i++) {
		const struct finding *finding = findings->pdata[i];

		g_assert_true(problem || !finding->problem);
		problem = finding->problem;
	}
}

static void
add(void)
{
	world_add(rows, G_N_ELEMENTS(rows));
	g_test_add_func("/health/all", test_all);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
