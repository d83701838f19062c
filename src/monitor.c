/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "monitor.h"

#include <sys/utsname.h>

#include "clock.h"
#include "recent.h"

#define STEP_NS	   (CLOCK_SECOND_NS / 2) /* more than NTP slews */
#define MAX_DEMAND 8 /* times the table: an estimate has its limits */

struct monitor {
	struct pipeline *pipeline;
	guint timer;
	uint64_t idle_ns; /* timeout */
	uint64_t began_ns;
	struct utsname kernel;
	uint64_t wall_ns; /* of boot time 0, a second ago */
	struct recent packets, octets, records;
	struct recent unaccounted, overflowed, lack;
	GHashTable *dropped; /* a collector's name → struct recent */
	struct snapshot snapshot;
};

/* Flows that ended early would still be there, each as long as idle ones are
 * kept; those that come back meanwhile count twice. */
static uint64_t
demand(const struct monitor *monitor, const struct stats *stats)
{
	const unsigned idle_s = MAX(monitor->idle_ns / CLOCK_SECOND_NS, 1);
	uint64_t early = recent_gain(&monitor->lack, idle_s);

	if (idle_s > RECENT_MAX_S)
		early = early * idle_s / RECENT_MAX_S;
	early += recent_gain(&monitor->unaccounted, idle_s);
	return stats->flows_active +
	       MIN(early, MAX_DEMAND * monitor->snapshot.flows_max);
}

static void
look_at_stats(struct monitor *monitor, const struct stats *stats)
{
	const struct flow_counters *kernel = &stats->kernel;
	struct snapshot *snapshot = &monitor->snapshot;

	recent_look(&monitor->packets, kernel->packets_seen);
	recent_look(&monitor->octets, kernel->octets_seen);
	recent_look(&monitor->records,
		    stats->records_made - stats->records_duplicate);
	recent_look(&monitor->unaccounted, kernel->packets_unaccounted);
	recent_look(&monitor->overflowed, kernel->packets_overflowed);
	recent_look(&monitor->lack, stats->flows_ended_lack);
	snapshot->flows_peak = MAX(snapshot->flows_peak, stats->flows_active);
	snapshot->flows_demand =
		MAX(snapshot->flows_demand, demand(monitor, stats));
}

static struct recent *
dropped_of(struct monitor *monitor, const struct exporter_state *state)
{
	const char *name = state->collector->name;
	struct recent *dropped = g_hash_table_lookup(monitor->dropped, name);

	if (dropped)
		return dropped;
	dropped = g_new0(struct recent, 1);
	g_hash_table_insert(monitor->dropped, g_strdup(name), dropped);
	return dropped;
}

static void
look_at_collector(const struct exporter_state *state, void *to)
{
	recent_look(dropped_of(to, state), state->stats->records_dropped);
}

static void
look_at_clock(struct monitor *monitor)
{
	const uint64_t boot_ns = clock_boot_ns();
	const uint64_t wall_ns = clock_wall_ns() - boot_ns;
	const int64_t step_ns = wall_ns - monitor->wall_ns;

	if (monitor->wall_ns && (uint64_t)ABS(step_ns) > STEP_NS) {
		monitor->snapshot.stepped_boot_ns = boot_ns;
		monitor->snapshot.stepped_ns = step_ns;
	}
	monitor->wall_ns = wall_ns;
}

/* What lies between two looks is of the last second, too. */
static struct snapshot_gain
gain(const struct recent *recent, uint64_t total)
{
	uint64_t lately = recent_gain(recent, SNAPSHOT_LATELY_S);

	lately += total - MIN(total, recent_last(recent));
	return (struct snapshot_gain){ total, lately };
}

static void
add_collector(const struct exporter_state *state, void *to)
{
	struct monitor *monitor = to;
	const struct recent *dropped = dropped_of(monitor, state);
	struct snapshot_collector collector = { .state = *state };

	if (dropped->n)
		collector.dropped =
			gain(dropped, state->stats->records_dropped);
	g_array_append_val(monitor->snapshot.collectors, collector);
}

static void
add_interface(const struct observe_state *state, void *to)
{
	struct snapshot *snapshot = to;

	g_array_append_vals(snapshot->interfaces, state, 1);
	snapshot->n_observed += state->how != NULL;
	snapshot->n_tcx += state->how && strcmp(state->how, "tcx") == 0;
	snapshot->n_failed += state->error != NULL;
	snapshot->n_pending += state->selected && !state->how && !state->error;
}

static void
look_at_interfaces(struct monitor *monitor)
{
	struct snapshot *snapshot = &monitor->snapshot;

	g_array_set_size(snapshot->interfaces, 0);
	snapshot->n_observed = snapshot->n_tcx = 0;
	snapshot->n_failed = snapshot->n_pending = 0;
	pipeline_each_interface(monitor->pipeline, add_interface, snapshot);
	snapshot->method = !snapshot->n_observed ? "none"
			   : !snapshot->n_tcx	 ? "tc"
			   : snapshot->n_tcx < snapshot->n_observed
				   ? "tcx and tc"
				   : "tcx";
}

const struct snapshot *
monitor_look(struct monitor *monitor)
{
	struct snapshot *snapshot = &monitor->snapshot;
	const struct stats *stats = pipeline_stats(monitor->pipeline);

	snapshot->boot_ns = clock_boot_ns();
	snapshot->uptime_ns = snapshot->boot_ns - monitor->began_ns;
	snapshot->stats = stats;
	snapshot->packets_s = recent_rate(&monitor->packets, SNAPSHOT_RATE_S);
	snapshot->octets_s = recent_rate(&monitor->octets, SNAPSHOT_RATE_S);
	snapshot->records_s = recent_rate(&monitor->records, SNAPSHOT_RATE_S);
	snapshot->unaccounted =
		gain(&monitor->unaccounted, stats->kernel.packets_unaccounted);
	snapshot->overflowed =
		gain(&monitor->overflowed, stats->kernel.packets_overflowed);
	snapshot->lack = gain(&monitor->lack, stats->flows_ended_lack);
	snapshot->flows_peak = MAX(snapshot->flows_peak, stats->flows_active);
	look_at_interfaces(monitor);
	g_array_set_size(snapshot->collectors, 0);
	pipeline_each_collector(monitor->pipeline, add_collector, monitor);
	return snapshot;
}

/* What a reload may change, too. */
static void
look_at_live(struct monitor *monitor)
{
	const struct live_view view =
		live_look(pipeline_live(monitor->pipeline));
	const struct table *table = expire_look(view.expire).table;
	struct snapshot *snapshot = &monitor->snapshot;

	monitor->idle_ns = view.args->settings.timeouts.idle_ns;
	snapshot->flows_max =
		flowtable_n_slots(table) / FLOWTABLE_SLOTS_PER_FLOW;
	snapshot->partitioned = table->tunables.n_partitions > 1;
	snapshot->wants_tc =
		view.args->settings.observe.what.method == PROBE_TC;
	snapshot->wants_overflow = view.args->probe.overflow;
	snapshot->has_overflow = view.overflow;
}

static gboolean
on_second(void *to)
{
	struct monitor *monitor = to;

	look_at_live(monitor);
	look_at_clock(monitor);
	look_at_stats(monitor, pipeline_stats(monitor->pipeline));
	pipeline_each_collector(monitor->pipeline, look_at_collector, monitor);
	return G_SOURCE_CONTINUE;
}

struct monitor *
monitor_new(struct pipeline *pipeline)
{
	struct monitor *monitor = g_new0(struct monitor, 1);
	struct snapshot *snapshot = &monitor->snapshot;

	monitor->pipeline = pipeline;
	monitor->began_ns = clock_boot_ns();
	monitor->dropped =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	uname(&monitor->kernel);
	snapshot->kernel = monitor->kernel.release;
	snapshot->interfaces =
		g_array_new(FALSE, FALSE, sizeof(struct observe_state));
	snapshot->collectors =
		g_array_new(FALSE, FALSE, sizeof(struct snapshot_collector));
	on_second(monitor);
	monitor->timer = g_timeout_add_seconds(1, on_second, monitor);
	return monitor;
}

void
monitor_free(struct monitor *monitor)
{
	if (!monitor)
		return;
	g_clear_handle_id(&monitor->timer, g_source_remove);
	g_hash_table_unref(monitor->dropped);
	g_array_unref(monitor->snapshot.interfaces);
	g_array_unref(monitor->snapshot.collectors);
	g_free(monitor);
}
