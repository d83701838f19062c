/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <unistd.h>

#include "clock.h"
#include "control_json.h"
#include "control_reply.h"
#include "health.h"

static double
seconds(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? (double)(to_ns - from_ns) / CLOCK_SECOND_NS
			       : 0;
}

static void
add_name_value(const char *name, uint64_t value, const char *help, void *to)
{
	(void)help;
	json_add_int(to, name, value);
}

static void
add_collector(JsonBuilder *builder, const struct snapshot *snapshot,
	      const struct snapshot_collector *row)
{
	const struct collector *collector = row->state.collector;
	const struct transport_state *transport = row->state.transport;

	json_builder_begin_object(builder);
	json_add_string(builder, "name", collector->name);
	json_add_string(builder, "protocol", collector->protocol);
	json_add_string(builder, "transport", collector->transport);
	json_add_string(builder, "host", collector->host);
	json_add_int(builder, "port", row->state.port);
	json_add_string(builder, "state", health_collector(&row->state));
	json_add_double(builder, "state_seconds",
			seconds(transport->since_ns, snapshot->boot_ns));
	transport_stats_each(row->state.stats, add_name_value, builder);
	json_add_int(builder, "records_dropped_lately", row->dropped.lately);
	json_add_int(builder, "records_waiting", row->state.n_waiting);
	json_add_int(builder, "records_waiting_max", row->state.n_max);
	json_add_string(builder, "error",
			*transport->text ? transport->text : NULL);
	if (*transport->text)
		json_add_double(
			builder, "error_seconds",
			seconds(transport->error_ns, snapshot->boot_ns));
	json_builder_end_object(builder);
}

static void
add_collectors(JsonBuilder *builder, const struct snapshot *snapshot)
{
	const GArray *all = snapshot->collectors;

	json_builder_set_member_name(builder, "collectors");
	json_builder_begin_array(builder);
	for (guint i = 0; i < all->len; i++)
		add_collector(
			builder, snapshot,
			&g_array_index(all, struct snapshot_collector, i));
	json_builder_end_array(builder);
}

void
reply_collectors(struct control_reply *reply, const struct snapshot *snapshot)
{
	JsonBuilder *builder = json_begin();

	add_collectors(builder, snapshot);
	json_end(builder, reply->text);
	g_string_append_c(reply->text, '\n');
}

static void
add_findings(JsonBuilder *builder, const struct snapshot *snapshot)
{
	g_autoptr(GPtrArray) findings = health_judge(snapshot);

	json_builder_set_member_name(builder, "findings");
	json_builder_begin_array(builder);
	for (guint i = 0; i < findings->len; i++) {
		const struct finding *finding = findings->pdata[i];

		json_builder_begin_object(builder);
		json_add_string(builder, "level",
				finding->problem ? "problem" : "note");
		json_add_string(builder, "what", finding->what);
		json_add_string(builder, "remedy", finding->remedy);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
}

static void
begin_group(JsonBuilder *builder, const char *name)
{
	json_builder_set_member_name(builder, name);
	json_builder_begin_object(builder);
}

static void
add_gain(JsonBuilder *builder, const char *name,
	 const struct snapshot_gain *gain)
{
	begin_group(builder, name);
	json_add_int(builder, "total", gain->total);
	json_add_int(builder, "lately", gain->lately);
	json_builder_end_object(builder);
}

static void
add_losses(JsonBuilder *builder, const struct snapshot *snapshot)
{
	struct snapshot_gain dropped = { 0 };

	for (guint i = 0; i < snapshot->collectors->len; i++) {
		const struct snapshot_collector *row = &g_array_index(
			snapshot->collectors, struct snapshot_collector, i);

		dropped.total += row->dropped.total;
		dropped.lately += row->dropped.lately;
	}
	begin_group(builder, "losses");
	add_gain(builder, "packets_unaccounted", &snapshot->unaccounted);
	add_gain(builder, "packets_overflowed", &snapshot->overflowed);
	add_gain(builder, "flows_ended_lack", &snapshot->lack);
	add_gain(builder, "records_dropped", &dropped);
	json_builder_end_object(builder);
}

static void
add_gauges(JsonBuilder *builder, const struct snapshot *snapshot)
{
	begin_group(builder, "interfaces");
	json_add_int(builder, "observed", snapshot->n_observed);
	json_add_int(builder, "failed", snapshot->n_failed);
	json_add_int(builder, "pending", snapshot->n_pending);
	json_builder_end_object(builder);
	begin_group(builder, "flows");
	json_add_int(builder, "active", snapshot->stats->flows_active);
	json_add_int(builder, "peak", snapshot->flows_peak);
	json_add_int(builder, "max", snapshot->flows_max);
	json_builder_end_object(builder);
	begin_group(builder, "rates");
	json_add_double(builder, "packets_per_second", snapshot->packets_s);
	json_add_double(builder, "bits_per_second", 8 * snapshot->octets_s);
	json_add_double(builder, "records_per_second", snapshot->records_s);
	json_builder_end_object(builder);
}

void
reply_status(struct control_reply *reply, const struct snapshot *snapshot)
{
	JsonBuilder *builder = json_begin();

	add_findings(builder, snapshot);
	json_add_string(builder, "version", PACKAGE_VERSION);
	json_add_int(builder, "pid", getpid());
	json_add_double(builder, "uptime_seconds",
			seconds(0, snapshot->uptime_ns));
	json_add_string(builder, "kernel", snapshot->kernel);
	json_add_string(builder, "attached", snapshot->method);
	add_gauges(builder, snapshot);
	add_losses(builder, snapshot);
	add_collectors(builder, snapshot);
	json_end(builder, reply->text);
	g_string_append_c(reply->text, '\n');
}
