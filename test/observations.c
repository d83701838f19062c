/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>

#include "observations.h"

#define MS 1000000ULL

static void
on_record(void *to, struct record *record)
{
	struct observations *o = to;

	o->n_records++;
	if (o->out->len)
		g_string_append(o->out, ", ");
	g_string_append_printf(
		o->out, "%u@%u%c%u%s", record->key.src_port,
		record->key.if_index, record->key.direction ? '>' : '<',
		record->value.packets, record->duplicate ? "*" : "");
	if (record->in || record->out)
		g_string_append_printf(o->out, " %u-%u",
				       record->in ? record->in->index : 0,
				       record->out ? record->out->index : 0);
}

static void
on_flush(void *to)
{
	struct observations *o = to;

	o->n_flushes++;
}

/* Who waits for others to speak has waited for long. */
static uint64_t
late(void)
{
	return UINT64_MAX;
}

struct observations *
observations_new_for(enum dedupe_mode mode, uint64_t expire_ns,
		     uint32_t flows_max)
{
	struct observations *o = g_new0(struct observations, 1);
	struct dedupe_args args = {
		.mode = mode,
		.expire_ns = expire_ns,
		.active_ns = 60 * 1000 * MS,
		.flows_max = flows_max,
		.held_max = flows_max,
		.sink = { on_record, on_flush, o },
		.stats = &o->stats,
		.now_ns = late,
	};

	args.iftable = o->iftable = iftable_new();
	o->dedupe = dedupe_new(&args);
	o->sink = dedupe_sink(o->dedupe);
	o->out = g_string_new(NULL);
	return o;
}

struct observations *
observations_new(enum dedupe_mode mode)
{
	return observations_new_for(mode, 30 * 1000 * MS, 1024);
}

void
observations_free(struct observations *o)
{
	dedupe_free(o->dedupe);
	iftable_free(o->iftable);
	g_string_free(o->out, TRUE);
	g_free(o);
}

struct iface *
observations_add(struct observations *o, uint32_t index, enum iface_kind kind,
		 uint32_t master)
{
	struct iface *iface = iftable_add(o->iftable, index, 0);

	iface->kind = kind;
	iface->master = master;
	return iface;
}

void
observations_push(struct observations *o, const struct observation *seen)
{
	struct record record = {
		.key = {
			.src_port = seen->flow,
			.dst_port = 443,
			.protocol = IPPROTO_TCP,
			.tos = seen->tos,
			.vlan_id = seen->vlan_id,
			.if_index = seen->at,
			.direction = seen->direction,
			.family = FLOW_IPV4,
		},
		.value = {
			.packets = seen->packets,
			.origin.from_if_index = seen->from,
			.origin.first_ns = (seen->first ?: seen->start) * MS,
		},
		.total_packets = seen->before + seen->packets,
		.start_ns = seen->start * MS + o->wall_ns,
		.end_ns = MAX(seen->start, seen->end) * MS + o->wall_ns,
		.boot_ns = MAX(seen->start, seen->end) * MS,
		.end_reason = seen->reason ?: END_ACTIVE,
	};

	sink_push(&o->sink, &record);
}

void
observations_expect(struct observations *o, const char *text)
{
	guint n_flushes = o->n_flushes;

	while (!sink_flush(&o->sink))
		g_assert_cmpuint(o->n_flushes, ==, n_flushes);
	g_assert_cmpuint(o->n_flushes, ==, n_flushes + 1);
	if (text)
		g_assert_cmpstr(o->out->str, ==, text);
	g_string_truncate(o->out, 0);
}
