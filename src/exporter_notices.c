/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exporter_notices.h"

#include <string.h>
#include <unistd.h>

#include "iftable.h"
#include "ledger.h"

/* When something that only grows did, as far as was noticed. */
struct growth {
	uint64_t last;
	uint64_t first_ns, last_ns; /* 0: never */
};

struct notices {
	struct notices_args args;
	struct ledger ledger;
	struct growth ignored, unsent;
	GArray *interfaces; /* of uint32_t: indexes, of this round */

	int table; /* the next record's; OPTIONS_N: the round is over */
	guint row;
};

static void
add_index(struct iface *iface, void *to)
{
	g_array_append_val(to, iface->index);
}

static void
notice(struct growth *growth, uint64_t now, uint64_t wall_ns)
{
	if (now == growth->last)
		return;
	growth->last = now;
	growth->last_ns = wall_ns;
	growth->first_ns = growth->first_ns ?: wall_ns;
}

static void
fill_ledger(struct notices *notices, uint64_t wall_ns)
{
	const struct transport_stats *sent = notices->args.stats;
	const struct exporter_sources *sources = notices->args.sources;
	const struct stats *stats = sources->stats(sources->to);
	const struct flow_counters *kernel = &stats->kernel;

	notice(&notices->ignored, kernel->packets_unaccounted, wall_ns);
	notice(&notices->unsent, sent->records_dropped, wall_ns);
	notices->ledger = (struct ledger){
		.process = getpid(),
		.messages = sent->messages_sent,
		.octets = sent->octets_sent,
		.records = sent->records_exported,
		.seen_packets = kernel->packets_seen,
		.seen_octets = kernel->octets_seen,
		.ignored_packets = kernel->packets_unaccounted,
		.ignored_octets = kernel->octets_unaccounted,
		.ignored_first_ns = notices->ignored.first_ns,
		.ignored_last_ns = notices->ignored.last_ns,
		.unsent_records = sent->records_dropped,
		.unsent_packets = sent->packets_dropped,
		.unsent_octets = sent->octets_dropped,
		.unsent_first_ns = notices->unsent.first_ns,
		.unsent_last_ns = notices->unsent.last_ns,
	};
}

void
notices_begin(struct notices *notices, uint64_t wall_ns)
{
	notices->table = 0;
	notices->row = 0;
	g_array_set_size(notices->interfaces, 0);
	iftable_each(notices->args.sources->iftable, add_index,
		     notices->interfaces);
	fill_ledger(notices, wall_ns);
}

bool
notices_left(const struct notices *notices)
{
	return notices->table < OPTIONS_N;
}

static guint
n_rows(const struct notices *notices)
{
	if (notices->args.set->options[notices->table].n_fields == 0)
		return 0;
	switch (options_tables[notices->table].of) {
	case OPTIONS_OF_PROCESS:
		return 1;
	case OPTIONS_OF_INTERFACES:
		return notices->interfaces->len;
	case OPTIONS_OF_TEMPLATES:
		return TEMPLATE_N_FAMILIES;
	}
	g_assert_not_reached();
}

/* What has no alias is described by its name. */
static bool
fill_interface(const struct notices *notices, struct iface *iface)
{
	uint32_t index =
		g_array_index(notices->interfaces, uint32_t, notices->row);
	const struct iface *known =
		iftable_find(notices->args.sources->iftable, index);

	if (!known)
		return false;
	*iface = *known;
	if (iface->alias[0] == '\0')
		memcpy(iface->alias, iface->name, sizeof(iface->name));
	return true;
}

/* The ID of a family's template, and which of its fields are keys. */
static bool
fill_template(struct notices *notices)
{
	const struct notices_args *args = &notices->args;
	int family = notices->row;

	notices->ledger.template_id =
		args->encode->template_id(args->encoder, family);
	notices->ledger.keys = template_keys(&args->set->family[family]);
	return notices->ledger.template_id != 0;
}

/* False: of this row there is nothing to tell. */
static bool
fill_row(struct notices *notices, struct iface *iface)
{
	switch (options_tables[notices->table].of) {
	case OPTIONS_OF_INTERFACES:
		return fill_interface(notices, iface);
	case OPTIONS_OF_TEMPLATES:
		return fill_template(notices);
	default:
		return true;
	}
}

/* To the next row that there is, or to the end. */
static void
skip_empty(struct notices *notices)
{
	while (notices_left(notices) && notices->row >= n_rows(notices)) {
		notices->table++;
		notices->row = 0;
	}
}

void
notices_beat(struct notices *notices, uint64_t wall_ns, struct message *message)
{
	const struct notices_args *args = &notices->args;
	const uint8_t *const base[FIELD_N_FROM] = {
		[FIELD_FROM_METER] = (const void *)args->sources->meter,
		[FIELD_FROM_LEDGER] = (const void *)&notices->ledger,
	};

	fill_ledger(notices, wall_ns);
	args->encode->beat(args->encoder, base, wall_ns, message);
}

bool
notices_add(struct notices *notices)
{
	const struct notices_args *args = &notices->args;
	struct iface iface = { 0 };
	const uint8_t *base[FIELD_N_FROM] = {
		[FIELD_FROM_SEEN] = (const void *)&iface,
		[FIELD_FROM_METER] = (const void *)args->sources->meter,
		[FIELD_FROM_LEDGER] = (const void *)&notices->ledger,
	};

	skip_empty(notices);
	if (!notices_left(notices))
		return false;
	if (fill_row(notices, &iface) &&
	    !args->encode->add_options(args->encoder, notices->table, base))
		return false;
	notices->row++;
	skip_empty(notices);
	return true;
}

struct notices *
notices_new(const struct notices_args *args)
{
	struct notices *notices = g_new0(struct notices, 1);

	notices->args = *args;
	notices->interfaces = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	notices->table = OPTIONS_N;
	return notices;
}

void
notices_free(struct notices *notices)
{
	if (!notices)
		return;
	g_array_unref(notices->interfaces);
	g_free(notices);
}
