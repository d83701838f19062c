/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notifier.h"

#include <string.h>

#include "records.h"
#include "sets.h"

#define DOMAIN 0x01020304
#define MTU    220

static const struct stats *
stats_now(void *to)
{
	return &((struct notifier *)to)->stats;
}

static void
due(void *to)
{
	g_main_loop_quit(((struct notifier *)to)->loop);
}

void
notifier_setup(struct notifier *f, const char *tables, uint64_t refresh_ms,
	       bool reliable)
{
	g_autofree char *text = g_strdup_printf(
		"ipv6 = [ \"octetDeltaCount\", \"sourceIPv6Address\",\n"
		"\"ingressInterface\", \"protocolIdentifier\" ];\n"
		"options = [ %s ];",
		tables);

	memset(f, 0, sizeof(*f));
	f->loop = g_main_loop_new(NULL, FALSE);
	f->set = sets_of(text);
	f->encoder = encode_ipfix.new(f->set, DOMAIN, MTU, NULL);
	f->iftable = iftable_new();
	f->sources = (struct exporter_sources){
		.meter = &records_meter,
		.iftable = f->iftable,
		.stats = stats_now,
		.to = f,
	};
	f->collector.options_refresh_ns = refresh_ms * 1000000;
	f->collector.template_refresh_packets = 2;
	f->notices = notices_new(&(struct notices_args){
		.sources = &f->sources,
		.set = f->set,
		.encode = &encode_ipfix,
		.encoder = f->encoder,
		.stats = &f->sent,
	});
	f->announce = announce_new(&(struct announce_args){
		.collector = &f->collector,
		.encode = &encode_ipfix,
		.encoder = f->encoder,
		.reliable = reliable,
		.hasty = reliable,
		.due = due,
		.to = f,
	});
}

void
notifier_teardown(struct notifier *f)
{
	announce_free(f->announce);
	notices_free(f->notices);
	iftable_free(f->iftable);
	encode_ipfix.free(f->encoder);
	template_set_free(f->set);
	g_main_loop_unref(f->loop);
}

void
notifier_iface(struct notifier *f, uint32_t index, const char *name,
	       const char *alias)
{
	struct iface *iface = iftable_add(f->iftable, index, 1);

	g_strlcpy(iface->name, name, sizeof(iface->name));
	g_strlcpy(iface->alias, alias, sizeof(iface->alias));
}
