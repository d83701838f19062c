/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said of a snapshot: each row spoils one that is well, and has the
 * words that must then be said.
 */
#include <errno.h>
#include <string.h>

#include "../tap.h"
#include "clock.h"
#include "health.h"

#define S CLOCK_SECOND_NS

struct world {
	struct stats stats;
	struct snapshot snapshot;
	struct collector collector;
	struct transport_state transport;
	struct iface iface;
	struct snapshot_collector *row;
	struct observe_state *interface;
};

static void
make_well(struct world *w)
{
	*w = (struct world){
		.collector = { .name = (char *)"main", .queue = 1 << 20 },
		.transport = { TRANSPORT_UP, .since_ns = 900 * S },
		.iface = { .index = 2, .name = "eth0" },
		.snapshot = {
			.boot_ns = 1000 * S,
			.kernel = "6.18",
			.method = "tcx",
			.wants_overflow = true,
			.has_overflow = true,
			.stats = &w->stats,
			.flows_max = 1000,
			.flows_demand = 10,
			.n_observed = 1,
			.n_tcx = 1,
			.interfaces = g_array_new(FALSE, TRUE,
				sizeof(struct observe_state)),
			.collectors = g_array_new(FALSE, TRUE,
				sizeof(struct snapshot_collector)),
		},
	};
	g_array_set_size(w->snapshot.interfaces, 1);
	g_array_set_size(w->snapshot.collectors, 1);
	w->interface =
		&g_array_index(w->snapshot.interfaces, struct observe_state, 0);
	*w->interface = (struct observe_state){
		.iface = &w->iface,
		.selected = true,
		.how = "tcx",
		.ingress = true,
		.egress = true,
	};
	w->row = &g_array_index(w->snapshot.collectors,
				struct snapshot_collector, 0);
	w->row->state = (struct exporter_state){
		.collector = &w->collector,
		.transport = &w->transport,
		.n_max = 100,
	};
}

static void
clear(struct world *w)
{
	g_array_unref(w->snapshot.interfaces);
	g_array_unref(w->snapshot.collectors);
}

static void
be_down(struct world *w, int error, const char *text)
{
	w->transport.phase = TRANSPORT_DOWN;
	w->transport.since_ns = 988 * S;
	w->transport.error = error;
	g_strlcpy(w->transport.text, text, sizeof(w->transport.text));
}

static void
spoil_nothing(struct world *w)
{
	(void)w;
}

static void
refuse(struct world *w)
{
	be_down(w, ECONNREFUSED, "connection refused by 192.0.2.1:4739");
}

static void
lose_route(struct world *w)
{
	be_down(w, ENETUNREACH, "cannot send");
}

static void
time_out(struct world *w)
{
	be_down(w, ETIMEDOUT, "cannot connect");
}

static void
be_unknown(struct world *w)
{
	be_down(w, 0, "cannot resolve nowhere.example");
}

static void
connect_slowly(struct world *w)
{
	w->transport.phase = TRANSPORT_CONNECTING;
	w->transport.since_ns = 980 * S;
}

static void
connect_now(struct world *w)
{
	w->transport.phase = TRANSPORT_CONNECTING;
	w->transport.since_ns = 999 * S;
}

static void
fill_queue(struct world *w)
{
	w->row->state.n_waiting = 100;
	w->row->dropped = (struct snapshot_gain){ 500, 77 };
}

static void
lose_messages(struct world *w)
{
	w->row->dropped = (struct snapshot_gain){ 500, 77 };
}

static void
be_too_long(struct world *w)
{
	lose_messages(w);
	w->transport.error = EMSGSIZE;
}

static void
fall_behind(struct world *w)
{
	w->row->state.n_waiting = 51;
}

static void
keep_up(struct world *w)
{
	w->row->state.n_waiting = 49;
}

static void
have_dropped(struct world *w)
{
	w->row->dropped.total = 500;
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
	w->snapshot.stepped_boot_ns = 960 * S;
	w->snapshot.stepped_ns = -3 * (int64_t)S - (int64_t)S / 2;
}

static void
set_forward(struct world *w)
{
	w->snapshot.stepped_boot_ns = 960 * S;
	w->snapshot.stepped_ns = 7200 * (int64_t)S;
}

static void
set_long_ago(struct world *w)
{
	w->snapshot.stepped_boot_ns = 399 * S;
	w->snapshot.stepped_ns = -3 * (int64_t)S;
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

/* "!": a problem, "-": a note; then what is said, and what to do. */
static const struct row {
	const char *name;
	void (*spoil)(struct world *w);
	const char *what;   /* NULL: nothing */
	const char *remedy; /* NULL: none */
} rows[] = {
	{ "well", spoil_nothing },
	{ "refused", refuse,
	  "!collector main has refused for 12 s: connection refused by "
	  "192.0.2.1:4739",
	  "start the collector there" },
	{ "no-route", lose_route, "!collector main has been down for 12 s",
	  "route" },
	{ "timeout", time_out, "!collector main has been down", "firewalls" },
	{ "unknown", be_unknown, "cannot resolve nowhere.example", "host" },
	{ "silent", connect_slowly, "!collector main has not answered for 20 s",
	  "firewalls" },
	{ "connecting", connect_now },
	{ "queue", fill_queue,
	  "!collector main: 77 records were dropped in the last minute, its "
	  "queue is full",
	  "a larger queue than 1048576 octets" },
	{ "lost", lose_messages,
	  "!collector main: 77 records were dropped in the last minute",
	  "look in the log" },
	{ "too-long", be_too_long,
	  "!collector main: 77 records were dropped in the last minute",
	  "lower its mtu" },
	{ "behind", fall_behind,
	  "!collector main falls behind: its queue is "
	  "51 % full",
	  "larger queue" },
	{ "keeps-up", keep_up },
	{ "dropped", have_dropped,
	  "-collector main: 500 records were dropped, none lately", NULL },
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

static void
test_row(gconstpointer data)
{
	const struct row *row = data;
	g_autoptr(GPtrArray) findings = NULL;
	const struct finding *finding;
	g_autofree char *what = NULL;
	struct world w;

	make_well(&w);
	row->spoil(&w);
	findings = health_judge(&w.snapshot);
	clear(&w);
	g_assert_cmpuint(findings->len, ==, row->what ? 1 : 0);
	if (!row->what)
		return;
	finding = findings->pdata[0];
	what = g_strconcat(finding->problem ? "!" : "-", finding->what, NULL);
	g_test_message("%s; %s", what, finding->remedy);
	g_assert_nonnull(strstr(what, row->what));
	if (row->remedy)
		g_assert_nonnull(strstr(finding->remedy, row->remedy));
	else
		g_assert_null(finding->remedy);
}

/* Problems come first, whatever else there is. */
static void
test_all(void)
{
	g_autoptr(GPtrArray) findings = NULL;
	bool problem = true;
	struct world w;

	make_well(&w);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		rows[i].spoil(&w);
	refuse(&w);
	findings = health_judge(&w.snapshot);
	clear(&w);
	g_assert_cmpuint(findings->len, >, 3);
	for (guint i = 0; i < findings->len; i++) {
		const struct finding *finding = findings->pdata[i];

		g_assert_true(problem || !finding->problem);
		problem = finding->problem;
	}
}

static void
test_words(void)
{
	struct world w;

	make_well(&w);
	g_assert_cmpstr(health_collector(&w.row->state), ==, "up");
	connect_now(&w);
	g_assert_cmpstr(health_collector(&w.row->state), ==, "connecting");
	refuse(&w);
	g_assert_cmpstr(health_collector(&w.row->state), ==, "refused");
	time_out(&w);
	g_assert_cmpstr(health_collector(&w.row->state), ==, "down");
	clear(&w);
}

static void
add(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path =
			g_strconcat("/health/row/", rows[i].name, NULL);

		g_test_add_data_func(path, &rows[i], test_row);
	}
	g_test_add_func("/health/all", test_all);
	g_test_add_func("/health/words", test_words);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
