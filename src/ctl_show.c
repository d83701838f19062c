/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_show.h"

#include <inttypes.h>
#include <string.h>

#include "ctl_text.h"

static void
add_count(struct text_table *table, JsonObject *object, const char *name)
{
	table_add(table, text_count(show_number(object, name)));
}

static void
add_bytes(struct text_table *table, JsonObject *object, const char *name)
{
	table_add(table, text_unit(show_number(object, name), "B"));
}

static void
add_string(struct text_table *table, JsonObject *object, const char *name)
{
	table_add(table, g_strdup(show_string(object, name)));
}

static void
print_table(struct text_table *table, GString *out)
{
	table_print(table, out);
	table_free(table);
}

static void
add_exact(struct text_table *table, JsonObject *counters)
{
	for (guint i = 0; i < show_length(counters, "counters"); i++) {
		JsonObject *row = show_element(counters, "counters", i);
		int64_t value = row ? json_object_get_int_member_with_default(
					      row, "value", 0)
				    : 0;

		add_string(table, row, "name");
		table_add(table, g_strdup_printf("%" PRId64, value));
		add_string(table, row, "help");
	}
}

void
show_stats(JsonObject *answer, GString *out)
{
	static const char *const columns[] = { "COUNTER", ">VALUE", "WHAT",
					       NULL };
	struct text_table *table = table_new(columns);

	add_exact(table, answer);
	print_table(table, out);
	for (guint i = 0; i < show_length(answer, "collectors"); i++) {
		JsonObject *row = show_element(answer, "collectors", i);

		g_string_append_printf(out, "\ncollector %s\n",
				       show_string(row, "name") ?: "-");
		table = table_new(columns);
		add_exact(table, row);
		print_table(table, out);
	}
}

/* What was never observed is not known. */
static void
add_ways(struct text_table *table, JsonObject *row)
{
	bool known = show_string(row, "attached") ||
		     show_number(row, "packets_in") ||
		     show_number(row, "packets_out");

	if (known) {
		add_count(table, row, "packets_in");
		add_bytes(table, row, "octets_in");
		add_count(table, row, "packets_out");
		add_bytes(table, row, "octets_out");
		return;
	}
	for (int i = 0; i < 4; i++)
		table_add(table, NULL);
}

void
show_interfaces(JsonObject *answer, GString *out)
{
	static const char *const columns[] = { ">INDEX",       "NAME",
					       "ATTACHED",     "DIRECTIONS",
					       ">PACKETS IN",  ">BYTES IN",
					       ">PACKETS OUT", ">BYTES OUT",
					       "WHY NOT",      NULL };
	struct text_table *table = table_new(columns);

	for (guint i = 0; i < show_length(answer, "interfaces"); i++) {
		JsonObject *row = show_element(answer, "interfaces", i);

		table_add(table,
			  g_strdup_printf("%.0f", show_number(row, "index")));
		add_string(table, row, "name");
		add_string(table, row, "attached");
		add_string(table, row, "directions");
		add_ways(table, row);
		add_string(table, row, "reason");
	}
	print_table(table, out);
}

void
show_collectors(JsonObject *answer, GString *out)
{
	static const char *const columns[] = {
		"NAME",	     "KIND",	   "ADDRESS",  "STATE",
		">MESSAGES", ">RECORDS",   ">WAITING", ">DROPPED",
		">ERRORS",   "LAST ERROR", NULL
	};
	struct text_table *table = table_new(columns);

	for (guint i = 0; i < show_length(answer, "collectors"); i++) {
		JsonObject *row = show_element(answer, "collectors", i);

		add_string(table, row, "name");
		table_add(table, show_kind(row));
		table_add(table, show_address(row));
		table_add(table, show_state(row));
		add_count(table, row, "messages_sent");
		add_count(table, row, "records_exported");
		add_count(table, row, "records_waiting");
		add_count(table, row, "records_dropped");
		add_count(table, row, "send_errors");
		add_string(table, row, "error");
	}
	print_table(table, out);
}

void
show_done(JsonObject *answer, GString *out)
{
	const char *said = show_string(answer, "said");

	if (said)
		g_string_append_printf(out, "%s%s", said,
				       g_str_has_suffix(said, "\n") ? ""
								    : "\n");
}
