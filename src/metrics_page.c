/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics_page.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "metrics_text.h"

#define PREFIX "flowexport_"

/* Counters that are none: they go down, or have a unit. */
static const struct {
	const char *name, *as;
	double unit;
} gauges[] = {
	{ "flows_active", PREFIX "flows_active", 1 },
	{ "flows_max", PREFIX "flows_max", 1 },
	{ "loop_hold", PREFIX "loop_hold_seconds", 1e-6 },
};

static bool
write_gauge(struct metrics_text *text, const char *name, uint64_t value,
	    const char *help)
{
	for (size_t i = 0; i < G_N_ELEMENTS(gauges); i++) {
		if (strcmp(gauges[i].name, name) != 0)
			continue;
		metrics_family(text, gauges[i].as, METRICS_GAUGE, help);
		metrics_real(text, (double)value * gauges[i].unit, NULL);
		return true;
	}
	return false;
}

static void
begin_counter(struct metrics_text *text, const char *name, const char *help)
{
	g_autofree char *whole = g_strconcat(PREFIX, name, "_total", NULL);

	metrics_family(text, whole, METRICS_COUNTER, help);
}

static void
write_stat(const char *name, uint64_t value, const char *help, void *to)
{
	if (write_gauge(to, name, value, help))
		return;
	begin_counter(to, name, help);
	metrics_integer(to, value, NULL);
}

/* --- collectors -------------------------------------------------------------
 */

static void
add_collector(const struct exporter_state *state, void *to)
{
	g_array_append_vals(to, state, 1);
}

static void
write_collector_states(struct metrics_text *text,
		       const struct exporter_state *states, guint n)
{
	metrics_family(text, PREFIX "collector_up", METRICS_GAUGE,
		       "1: the collector seems to be there");
	for (guint i = 0; i < n; i++)
		metrics_integer(text,
				states[i].transport->phase == TRANSPORT_UP,
				"collector", states[i].collector->name, NULL);
	metrics_family(text, PREFIX "queue_records", METRICS_GAUGE,
		       "records that wait for the collector");
	for (guint i = 0; i < n; i++)
		metrics_integer(text, states[i].n_waiting, "collector",
				states[i].collector->name, NULL);
	metrics_family(text, PREFIX "queue_records_max", METRICS_GAUGE,
		       "records that may wait for it");
	for (guint i = 0; i < n; i++)
		metrics_integer(text, states[i].n_max, "collector",
				states[i].collector->name, NULL);
}

/* All collectors' values of one counter, for the format wants them together. */
static void
write_collectors(struct metrics_text *text, const struct pipeline *pipeline)
{
	g_autoptr(GArray) all =
		g_array_new(FALSE, FALSE, sizeof(struct exporter_state));
	const struct exporter_state *states;

	pipeline_each_collector(pipeline, add_collector, all);
	if (!all->len)
		return;
	states = (const struct exporter_state *)all->data;
	write_collector_states(text, states, all->len);
#define X(member, help)                                                        \
	begin_counter(text, #member, help);                                    \
	for (guint i = 0; i < all->len; i++)                                   \
		metrics_integer(text, states[i].stats->member, "collector",    \
				states[i].collector->name, NULL);
	TRANSPORT_COUNTERS(X)
#undef X
}

/* --- interfaces -------------------------------------------------------------
 */

static const char *const directions[] = {
	[FLOW_INGRESS] = "ingress",
	[FLOW_EGRESS] = "egress",
};

static void
write_observed(const struct observe_state *state, void *to)
{
	if (state->selected)
		metrics_integer(to, state->how != NULL, "interface",
				state->iface->name, NULL);
}

static void
write_packets(const struct observe_state *state, void *to)
{
	for (int d = FLOW_INGRESS; state->selected && d <= FLOW_EGRESS; d++)
		metrics_integer(to, state->iface->traffic[d].packets,
				"interface", state->iface->name, "direction",
				directions[d], NULL);
}

static void
write_octets(const struct observe_state *state, void *to)
{
	for (int d = FLOW_INGRESS; state->selected && d <= FLOW_EGRESS; d++)
		metrics_integer(to, state->iface->traffic[d].octets,
				"interface", state->iface->name, "direction",
				directions[d], NULL);
}

static void
write_interfaces(struct metrics_text *text, const struct pipeline *pipeline)
{
	metrics_family(text, PREFIX "interface_observed", METRICS_GAUGE,
		       "1: programs are attached to it");
	pipeline_each_interface(pipeline, write_observed, text);
	begin_counter(text, "interface_packets",
		      "packets that came by it, in records made");
	pipeline_each_interface(pipeline, write_packets, text);
	begin_counter(text, "interface_octets",
		      "layer 3 octets that came by it, in records made");
	pipeline_each_interface(pipeline, write_octets, text);
}

/* --- the process ------------------------------------------------------------
 */

/* Seconds after boot at which we began, see proc(5); its second word is a name
 * in parentheses, which may have any characters in it. */
static double
begun_s(void)
{
	g_autofree char *stat = NULL;
	unsigned long long ticks = 0;
	const char *rest;

	if (!g_file_get_contents("/proc/self/stat", &stat, NULL, NULL))
		return 0;
	rest = strrchr(stat, ')');
	if (rest)
		sscanf(rest,
		       ") %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		       "%*s %*s %*s %*s %*s %*s %llu",
		       &ticks);
	return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static uint64_t
resident_octets(void)
{
	g_autofree char *statm = NULL;
	unsigned long long pages = 0;

	if (g_file_get_contents("/proc/self/statm", &statm, NULL, NULL))
		sscanf(statm, "%*s %llu", &pages);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static double
cpu_s(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec * 1e-9;
}

static void
write_process(struct metrics_text *text)
{
	double age_s = (double)clock_boot_ns() * 1e-9 - begun_s();

	metrics_family(text, "process_start_time_seconds", METRICS_GAUGE,
		       "when the process began, since the epoch");
	metrics_real(text, (double)g_get_real_time() * 1e-6 - age_s, NULL);
	metrics_family(text, "process_cpu_seconds_total", METRICS_COUNTER,
		       "CPU time of the process, user and system");
	metrics_real(text, cpu_s(), NULL);
	metrics_family(text, "process_resident_memory_bytes", METRICS_GAUGE,
		       "memory of the process, with what it has touched of "
		       "the flow table");
	metrics_integer(text, resident_octets(), NULL);
}

void
metrics_page(GString *page, struct pipeline *pipeline)
{
	struct metrics_text text = { .out = page };

	metrics_family(&text, PREFIX "build_info", METRICS_GAUGE,
		       "1, of the build that the labels name");
	metrics_integer(&text, 1, "version", PACKAGE_VERSION, "compiler",
			__VERSION__, NULL);
	stats_each(pipeline_stats(pipeline), write_stat, &text);
	write_collectors(&text, pipeline);
	write_interfaces(&text, pipeline);
	write_process(&text);
}
