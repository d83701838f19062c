/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <errno.h>
#include <string.h>

void
world_make(struct world *w)
{
	*w = (struct world){
		.collector = { .name = (char *)"main", .queue = 1 << 20 },
		.transport = { TRANSPORT_UP, .since_ns = 900 * WORLD_S },
		.iface = { .index = 2, .name = "eth0" },
		.snapshot = {
			.boot_ns = 1000 * WORLD_S,
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

void
world_clear(struct world *w)
{
	g_array_unref(w->snapshot.interfaces);
	g_array_unref(w->snapshot.collectors);
}

void
world_be_down(struct world *w, int error, const char *text)
{
	w->transport.phase = TRANSPORT_DOWN;
	w->transport.since_ns = 988 * WORLD_S;
	w->transport.error = error;
	g_strlcpy(w->transport.text, text, sizeof(w->transport.text));
}

void
world_refuse(struct world *w)
{
	world_be_down(w, ECONNREFUSED, "connection refused by 192.0.2.1:4739");
}

static void
test_row(gconstpointer data)
{
	const struct world_row *row = data;
	g_autoptr(GPtrArray) findings = NULL;
	const struct finding *finding;
	g_autofree char *what = NULL;
	struct world w;

	world_make(&w);
	row->spoil(&w);
	findings = health_judge(&w.snapshot);
	world_clear(&w);
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

void
world_add(const struct world_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		g_autofree char *path =
			g_strconcat("/health/row/", rows[i].name, NULL);

		g_test_add_data_func(path, &rows[i], test_row);
	}
}
