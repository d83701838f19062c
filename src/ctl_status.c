/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "ctl_show.h"
#include "ctl_text.h"

static guint
count_findings(JsonObject *answer, const char *level)
{
	guint n = 0;

	for (guint i = 0; i < show_length(answer, "findings"); i++)
		n += g_strcmp0(show_string(show_element(answer, "findings", i),
					   "level"),
			       level) == 0;
	return n;
}

static void
print_findings(JsonObject *answer, const char *level, const char *mark,
	       GString *out)
{
	for (guint i = 0; i < show_length(answer, "findings"); i++) {
		JsonObject *row = show_element(answer, "findings", i);
		const char *remedy = show_string(row, "remedy");

		if (g_strcmp0(show_string(row, "level"), level) != 0)
			continue;
		g_string_append_printf(out, "%s%s\n", mark,
				       show_string(row, "what") ?: "-");
		if (remedy)
			g_string_append_printf(out, "   do: %s\n", remedy);
	}
}

static void
print_verdict(JsonObject *answer, GString *out)
{
	const guint n = count_findings(answer, "problem");

	if (!n)
		g_string_append(out, "all is well\n");
	else
		g_string_append_printf(
			out, n == 1 ? "1 problem\n" : "%u problems\n", n);
	print_findings(answer, "problem", " ! ", out);
	print_findings(answer, "note", " - ", out);
}

static void
print_daemon(JsonObject *answer, GString *out)
{
	g_autofree char *up =
		text_seconds(show_number(answer, "uptime_seconds"));
	JsonObject *interfaces = show_object(answer, "interfaces");

	g_string_append_printf(out,
			       "flowexport  %s, up for %s, Linux %s\n"
			       "interfaces  %.0f observed (%s)",
			       show_string(answer, "version") ?: "-", up,
			       show_string(answer, "kernel") ?: "-",
			       show_number(interfaces, "observed"),
			       show_string(answer, "attached") ?: "-");
	if (show_number(interfaces, "pending"))
		g_string_append_printf(out, ", %.0f being attached",
				       show_number(interfaces, "pending"));
	if (show_number(interfaces, "failed"))
		g_string_append_printf(out, ", %.0f failed",
				       show_number(interfaces, "failed"));
	g_string_append_c(out, '\n');
}

static void
print_flows(JsonObject *answer, GString *out)
{
	JsonObject *flows = show_object(answer, "flows");
	JsonObject *rates = show_object(answer, "rates");
	double active = show_number(flows, "active");
	double max = show_number(flows, "max");
	g_autofree char *now = text_count(active);
	g_autofree char *room = text_count(max);
	g_autofree char *peak = text_count(show_number(flows, "peak"));
	g_autofree char *packets =
		text_count(show_number(rates, "packets_per_second"));
	g_autofree char *bits =
		text_unit(show_number(rates, "bits_per_second"), "bit/s");
	g_autofree char *records =
		text_count(show_number(rates, "records_per_second"));

	g_string_append_printf(out,
			       "flows       %s of %s (%.0f %%), at most %s\n"
			       "rates       %s packets/s, %s, %s records/s\n",
			       now, room, max ? 100 * active / max : 0, peak,
			       packets, bits, records);
}

static void
add_loss(JsonObject *answer, const char *name, const char *what, GString *line)
{
	JsonObject *loss = show_object(show_object(answer, "losses"), name);
	g_autofree char *total = text_count(show_number(loss, "total"));
	g_autofree char *lately = text_count(show_number(loss, "lately"));

	if (show_number(loss, "total"))
		g_string_append_printf(line, "%s%s %s (%s in the last minute)",
				       line->len ? ", " : "", total, what,
				       lately);
}

static void
print_losses(JsonObject *answer, GString *out)
{
	g_autoptr(GString) line = g_string_new(NULL);

	add_loss(answer, "packets_unaccounted", "packets without a flow", line);
	add_loss(answer, "records_dropped", "records dropped", line);
	g_string_append_printf(out, "losses      %s\n",
			       line->len ? line->str : "none");
}

static void
print_collectors(JsonObject *answer, GString *out)
{
	static const char *const columns[] = { "COLLECTOR", "KIND",
					       "ADDRESS",   "STATE",
					       ">RECORDS",  ">WAITING",
					       ">DROPPED",  NULL };
	struct text_table *table;

	if (!show_length(answer, "collectors"))
		return;
	table = table_new(columns);
	for (guint i = 0; i < show_length(answer, "collectors"); i++) {
		JsonObject *row = show_element(answer, "collectors", i);

		table_add(table, g_strdup(show_string(row, "name")));
		table_add(table, show_kind(row));
		table_add(table, show_address(row));
		table_add(table, show_state(row));
		table_add(table,
			  text_count(show_number(row, "records_exported")));
		table_add(table,
			  text_count(show_number(row, "records_waiting")));
		table_add(table,
			  text_count(show_number(row, "records_dropped")));
	}
	table_print(table, out);
	table_free(table);
}

void
show_status(JsonObject *answer, GString *out)
{
	print_verdict(answer, out);
	print_daemon(answer, out);
	print_flows(answer, out);
	print_losses(answer, out);
	print_collectors(answer, out);
}
