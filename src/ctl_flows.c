/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "ctl_show.h"
#include "ctl_text.h"

static const struct {
	guint number;
	const char *name;
} protocols[] = {
	{ 1, "ICMP" },	{ 2, "IGMP" },	 { 4, "IPIP" },	  { 6, "TCP" },
	{ 17, "UDP" },	{ 33, "DCCP" },	 { 41, "IPV6" },  { 47, "GRE" },
	{ 50, "ESP" },	{ 51, "AH" },	 { 58, "ICMP6" }, { 89, "OSPF" },
	{ 103, "PIM" }, { 112, "VRRP" }, { 132, "SCTP" },
};

static bool
has(JsonObject *flow, const char *name)
{
	return flow && json_object_has_member(flow, name);
}

static bool
is_ip(JsonObject *flow)
{
	return has(flow, "sourceIPv4Address") || has(flow, "sourceIPv6Address");
}

/* What is not IP has an EtherType. */
static char *
protocol_of(JsonObject *flow)
{
	const guint number = show_number(flow, "protocolIdentifier");

	if (!is_ip(flow))
		return g_strdup_printf(
			"%04x", (guint)show_number(flow, "ethernetType"));
	for (size_t i = 0; i < G_N_ELEMENTS(protocols); i++)
		if (protocols[i].number == number)
			return g_strdup(protocols[i].name);
	return g_strdup_printf("%u", number);
}

static char *
end_of(JsonObject *flow, const char *v4, const char *v6, const char *mac,
       const char *port)
{
	if (!is_ip(flow))
		return g_strdup(show_string(flow, mac));
	return g_strdup_printf(has(flow, v4) ? "%s:%u" : "[%s]:%u",
			       show_string(flow, has(flow, v4) ? v4 : v6)
				       ?: "-",
			       (guint)show_number(flow, port));
}

/* Type and code, where ICMP has no port. */
static char *
destination_of(JsonObject *flow)
{
	const guint number = show_number(flow, "destinationTransportPort");
	const guint protocol = show_number(flow, "protocolIdentifier");
	char *text =
		end_of(flow, "destinationIPv4Address", "destinationIPv6Address",
		       "destinationMacAddress", "destinationTransportPort");
	char *colon = text ? strrchr(text, ':') : NULL;

	if (!colon || !is_ip(flow) || (protocol != 1 && protocol != 58))
		return text;
	*colon = '\0';
	colon = g_strdup_printf("%s:%u.%u", text, number >> 8, number & 0xff);
	g_free(text);
	return colon;
}

static char *
duration_of(JsonObject *flow)
{
	const char *texts[] = { show_string(flow, "flowStartMilliseconds"),
				show_string(flow, "flowEndMilliseconds") };
	g_autoptr(GDateTime) start = NULL, end = NULL;

	if (!texts[0] || !texts[1])
		return NULL;
	start = g_date_time_new_from_iso8601(texts[0], NULL);
	end = g_date_time_new_from_iso8601(texts[1], NULL);
	if (!start || !end)
		return NULL;
	return text_seconds((double)g_date_time_difference(end, start) /
			    G_USEC_PER_SEC);
}

void
show_flows(JsonObject *answer, GString *out)
{
	static const char *const columns[] = {
		"IFACE",    "DIR",    "PROTO",	   "SOURCE", "DESTINATION",
		">PACKETS", ">BYTES", ">DURATION", NULL
	};
	struct text_table *table = table_new(columns);

	for (guint i = 0; i < show_length(answer, "flows"); i++) {
		JsonObject *flow = show_element(answer, "flows", i);

		table_add(table, g_strdup(show_string(flow, "interfaceName")));
		table_add(table,
			  g_strdup(show_number(flow, "flowDirection") ? "out"
								      : "in"));
		table_add(table, protocol_of(flow));
		table_add(table,
			  end_of(flow, "sourceIPv4Address", "sourceIPv6Address",
				 "sourceMacAddress", "sourceTransportPort"));
		table_add(table, destination_of(flow));
		table_add(table,
			  text_count(show_number(flow, "packetDeltaCount")));
		table_add(table,
			  text_unit(show_number(flow, "octetDeltaCount"), "B"));
		table_add(table, duration_of(flow));
	}
	table_print(table, out);
	table_free(table);
}
