/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "control_json.h"
#include "json.h"

#define REPLY_CHUNK 16384 /* octets of text at a time */
#define REPLY_END   "]}\n"

/* A row of "interfaces", copied, for the client may read it later. */
struct interface {
	uint32_t index;
	char name[IF_NAMESIZE];
	bool selected;
	const char *how;
	char *error;
	bool ingress, egress;
	struct control_traffic traffic;
};

static void
end_line(struct control_reply *reply, JsonBuilder *builder)
{
	json_end(builder, reply->text);
	g_string_append_c(reply->text, '\n');
}

void
reply_error(struct control_reply *reply, const char *message)
{
	JsonBuilder *builder = json_begin();

	json_add_string(builder, "error", message);
	end_line(reply, builder);
}

void
reply_done(struct control_reply *reply, const char *said)
{
	JsonBuilder *builder = json_begin();

	json_builder_set_member_name(builder, "done");
	json_builder_add_boolean_value(builder, TRUE);
	json_add_string(builder, "said", said);
	end_line(reply, builder);
}

static void
add_counter(const char *name, uint64_t value, const char *help, void *to)
{
	JsonBuilder *builder = to;

	json_builder_begin_object(builder);
	json_add_string(builder, "name", name);
	json_add_int(builder, "value", value);
	json_add_string(builder, "help", help);
	json_builder_end_object(builder);
}

static void
add_collector_counters(JsonBuilder *builder, const struct exporter_state *state)
{
	json_builder_begin_object(builder);
	json_add_string(builder, "name", state->collector->name);
	json_builder_set_member_name(builder, "counters");
	json_builder_begin_array(builder);
	transport_stats_each(state->stats, add_counter, builder);
	json_builder_end_array(builder);
	json_builder_end_object(builder);
}

void
reply_stats(struct control_reply *reply, const struct snapshot *snapshot)
{
	const GArray *collectors = snapshot->collectors;
	JsonBuilder *builder = json_begin();

	json_builder_set_member_name(builder, "counters");
	json_builder_begin_array(builder);
	stats_each(snapshot->stats, add_counter, builder);
	json_builder_end_array(builder);
	json_builder_set_member_name(builder, "collectors");
	json_builder_begin_array(builder);
	for (guint i = 0; i < collectors->len; i++)
		add_collector_counters(
			builder,
			&g_array_index(collectors, struct snapshot_collector, i)
				 .state);
	json_builder_end_array(builder);
	end_line(reply, builder);
}

static void
free_interface(void *data)
{
	g_free(((struct interface *)data)->error);
}

static void
add_way(JsonBuilder *builder, const struct interface *row, int direction,
	const char *packets, const char *octets)
{
	const struct iface_traffic *way = &row->traffic.way[direction];

	json_add_int(builder, packets, way->packets);
	json_add_int(builder, octets, way->octets);
}

static void
put_interface(GString *text, const void *data)
{
	const struct interface *row = data;
	JsonBuilder *builder = json_begin();

	json_add_int(builder, "index", row->index);
	json_add_string(builder, "name", row->name);
	json_add_string(builder, "attached", row->how);
	json_add_string(builder, "reason",
			row->how	 ? NULL
			: !row->selected ? "not selected"
			: row->error	 ? row->error
					 : "not yet");
	json_add_string(builder, "directions",
			!row->how	? NULL
			: !row->egress	? "ingress"
			: !row->ingress ? "egress"
					: "both");
	add_way(builder, row, FLOW_INGRESS, "packets_in", "octets_in");
	add_way(builder, row, FLOW_EGRESS, "packets_out", "octets_out");
	json_end(builder, text);
}

static void
add_traffic(struct interface *row, const struct control_traffic *open)
{
	for (int way = 0; open && way < 2; way++) {
		row->traffic.way[way].packets += open->way[way].packets;
		row->traffic.way[way].octets += open->way[way].octets;
	}
}

void
reply_interfaces(struct control_reply *reply, const struct snapshot *snapshot,
		 GHashTable *open)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct interface));

	g_array_set_clear_func(rows, free_interface);
	for (guint i = 0; i < snapshot->interfaces->len; i++) {
		const struct observe_state *state = &g_array_index(
			snapshot->interfaces, struct observe_state, i);
		const struct iface *iface = state->iface;
		struct interface row = {
			.index = iface->index,
			.selected = state->selected,
			.how = state->how,
			.error = g_strdup(state->error),
			.ingress = state->ingress,
			.egress = state->egress,
			.traffic = { { iface->traffic[0], iface->traffic[1] } },
		};

		g_strlcpy(row.name, iface->name, sizeof(row.name));
		add_traffic(&row,
			    g_hash_table_lookup(
				    open, GUINT_TO_POINTER(iface->index)));
		g_array_append_val(rows, row);
	}
	g_string_append(reply->text, "{\"interfaces\":[");
	reply->rows = rows;
	reply->put = put_interface;
}

/* As --print=json has it, and protocol json. */
static void
put_flow(GString *text, const void *row)
{
	size_t len;
	char *line;
	FILE *out = open_memstream(&line, &len);

	json_write(out, NULL, row);
	fclose(out);
	g_string_append_len(text, line, len - strlen("\n"));
	free(line);
}

void
reply_flows(struct control_reply *reply, GArray *flows, uint64_t n_open)
{
	g_string_append_printf(reply->text,
			       "{\"open\":%" G_GUINT64_FORMAT ",\"flows\":[",
			       n_open);
	reply->rows = flows;
	reply->put = put_flow;
}

bool
reply_fill(struct control_reply *reply)
{
	GArray *rows = reply->rows;

	while (reply->rows && reply->text->len < REPLY_CHUNK) {
		if (reply->next < rows->len) {
			if (reply->next)
				g_string_append_c(reply->text, ',');
			reply->put(
				reply->text,
				rows->data +
					reply->next++ *
						g_array_get_element_size(rows));
			continue;
		}
		g_string_append(reply->text, REPLY_END);
		g_clear_pointer(&reply->rows, g_array_unref);
		reply->next = 0;
	}
	return reply->text->len;
}

void
reply_clear(struct control_reply *reply)
{
	g_string_free(reply->text, TRUE);
	g_clear_pointer(&reply->rows, g_array_unref);
}
