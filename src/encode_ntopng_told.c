/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encode_ntopng_told.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "clock.h"
#include "iftable.h"
#include "json.h"
#include "ledger.h"
#include "meter.h"

#define NAMES_END "}}"

/* IPv4, if it has one: ntopng knows exporters by that. */
static const char *
exporter_address(const struct meter *meter, char text[INET6_ADDRSTRLEN])
{
	static const uint8_t none[16];

	if (memcmp(meter->ipv4, none, 4) || !memcmp(meter->ipv6, none, 16))
		return inet_ntop(AF_INET, meter->ipv4, text, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, meter->ipv6, text, INET6_ADDRSTRLEN);
}

static void
append_who(GString *out, const struct meter *meter)
{
	char address[INET6_ADDRSTRLEN];
	struct utsname host;

	uname(&host);
	exporter_address(meter, address);
	g_string_append_printf(
		out,
		"{\"iface\":{\"name\":\"any\",\"speed\":0,\"ip\":\"%s\"},"
		"\"probe\":{\"ip\":\"%s\",\"public_ip\":\"%s\","
		"\"version\":\"" PACKAGE_VERSION "\",\"osname\":\"%s %s\","
		"\"uuid_num\":%" PRIu32 "},",
		address, address, address, host.sysname, host.release,
		meter->domain);
}

static uint64_t
per_second(uint64_t now, uint64_t then, uint64_t ns)
{
	return ns ? (uint64_t)((now - then) * (double)CLOCK_SECOND_NS / ns) : 0;
}

static void
append_traffic(GString *out, struct told_past *past,
	       const struct ledger *ledger, uint64_t wall_ns)
{
	uint64_t ns = 0;

	if (past->wall_ns && wall_ns > past->wall_ns)
		ns = wall_ns - past->wall_ns;
	g_string_append_printf(
		out,
		"\"time\":%" PRIu64 ",\"bytes\":%" PRIu64
		",\"packets\":%" PRIu64 ",\"avg\":{\"bps\":%" PRIu64
		",\"pps\":%" PRIu64 "},",
		(uint64_t)(wall_ns / CLOCK_SECOND_NS), ledger->seen_octets,
		ledger->seen_packets,
		per_second(8 * ledger->seen_octets, 8 * past->octets, ns),
		per_second(ledger->seen_packets, past->packets, ns));
	*past = (struct told_past){ wall_ns, ledger->seen_packets,
				    ledger->seen_octets };
}

void
told_event(GString *out, struct told_past *past,
	   const uint8_t *const base[FIELD_N_FROM], uint64_t wall_ns)
{
	const struct meter *meter = (const void *)base[FIELD_FROM_METER];
	const struct ledger *ledger = (const void *)base[FIELD_FROM_LEDGER];

	append_who(out, meter);
	append_traffic(out, past, ledger, wall_ns);
	g_string_append_printf(
		out,
		"\"timeout\":{\"lifetime\":%" PRIu32 ",\"idle\":%" PRIu32
		",\"collected_lifetime\":%" PRIu32 "},"
		"\"drops\":{\"export_queue_full\":%" PRIu64
		",\"too_many_flows\":%" PRIu64 ",\"elk_flow_drops\":0,"
		"\"sflow_pkt_sample_drops\":0,\"flow_collection_drops\":0,"
		"\"flow_collection_udp_socket_drops\":0},"
		"\"zmq\":{\"num_flow_exports\":%" PRIu64
		",\"num_exporters\":1}}",
		meter->active_s, meter->idle_s, meter->active_s,
		ledger->unsent_records, ledger->ignored_packets,
		ledger->records);
}

bool
told_name(GString *out, const uint8_t *const base[FIELD_N_FROM], size_t max)
{
	const struct meter *meter = (const void *)base[FIELD_FROM_METER];
	const struct iface *iface = (const void *)base[FIELD_FROM_SEEN];
	char address[INET6_ADDRSTRLEN];
	g_autofree char *text = NULL;
	bool fits;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	g_assert(file); /* as g_malloc() does */
	if (out->len == 0)
		fprintf(file, "{\"%s\":{", exporter_address(meter, address));
	else
		fputc(',', file);
	fprintf(file, "\"%" PRIu32 "\":", iface->index);
	json_string(file, iface->name);
	fclose(file);
	fits = out->len + len + strlen(NAMES_END) <= max;
	if (fits)
		g_string_append(out, text);
	return fits;
}

void
told_names_end(GString *out)
{
	g_string_append(out, NAMES_END);
}
