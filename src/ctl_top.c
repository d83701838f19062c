/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_top.h"

#include <curses.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ctl_show.h"

#define REFRESH_MS 1000
#define MIN_FLOWS  4 /* lines that the status leaves them */

enum { PAIR_RED = 1 };

static volatile sig_atomic_t told_to_stop;

static void
on_signal(int number)
{
	(void)number;
	told_to_stop = 1;
}

/* Lines from ROW on, as many as END leaves; the row behind them.  Clipped, for
 * what is longer would go on in the next one. */
static int
draw(const char *text, int row, int end,
     attr_t (*look)(const char *line, guint i, JsonObject *answer),
     JsonObject *answer)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i] && *lines[i] && row < end; i++, row++) {
		const glong len = MIN(g_utf8_strlen(lines[i], -1), COLS);
		g_autofree char *clipped = g_utf8_substring(lines[i], 0, len);

		attrset(look(lines[i], i, answer));
		mvaddstr(row, 0, clipped);
		attrset(A_NORMAL);
	}
	return row;
}

static bool
loses(JsonObject *answer)
{
	static const char *const names[] = { "packets_unaccounted",
					     "records_dropped" };
	JsonObject *losses = show_object(answer, "losses");

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (show_number(show_object(losses, names[i]), "lately"))
			return true;
	return false;
}

/* The table of collectors is what the status ends with. */
static bool
is_down(const char *line, JsonObject *answer)
{
	for (guint i = 0; i < show_length(answer, "collectors"); i++) {
		JsonObject *row = show_element(answer, "collectors", i);
		g_autofree char *start =
			g_strconcat(show_string(row, "name") ?: "-", " ", NULL);

		if (g_str_has_prefix(line, start))
			return g_strcmp0(show_string(row, "state"), "up") != 0;
	}
	return false;
}

static attr_t
look_of_status(const char *line, guint i, JsonObject *answer)
{
	const attr_t red = COLOR_PAIR(PAIR_RED) | A_BOLD;

	if (i == 0)
		return strcmp(line, "all is well") == 0 ? A_BOLD : red;
	if (g_str_has_prefix(line, "COLLECTOR "))
		return A_REVERSE;
	if (g_str_has_prefix(line, " ! ") || is_down(line, answer) ||
	    (g_str_has_prefix(line, "losses ") && loses(answer)))
		return red;
	return A_NORMAL;
}

static attr_t
look_of_flow(const char *line, guint i, JsonObject *answer)
{
	(void)line;
	(void)answer;
	return i == 0 ? A_REVERSE : A_NORMAL;
}

/* What COMMAND shows, as text; NULL: it could not be asked. */
static char *
ask(struct ctl_link *link, const char *request, ctl_show *command,
    JsonParser *parser, JsonObject **answer, GError **error)
{
	enum ctl_status status;

	if (!link_ask(link, request, parser, &status, error))
		return NULL;
	*answer = json_node_get_object(json_parser_get_root(parser));
	return show(command, parser);
}

static bool
refresh_all(struct ctl_link *link, GError **error)
{
	g_autoptr(JsonParser) status = json_parser_new();
	g_autoptr(JsonParser) flows = json_parser_new();
	g_autofree char *request = g_strdup_printf(
		"{\"command\":\"flows\",\"count\":%d}", CLAMP(LINES, 1, 1000));
	g_autofree char *status_text = NULL, *flows_text = NULL;
	JsonObject *answer = NULL, *flows_answer = NULL;
	int row;

	status_text = ask(link, "{\"command\":\"status\"}", show_status, status,
			  &answer, error);
	if (!status_text)
		return false;
	flows_text =
		ask(link, request, show_flows, flows, &flows_answer, error);
	if (!flows_text)
		return false;
	erase();
	row = draw(status_text, 0, LINES - MIN_FLOWS, look_of_status, answer);
	draw(flows_text, row + 1, LINES, look_of_flow, flows_answer);
	refresh();
	return true;
}

static bool
begin(GError **error)
{
	const struct sigaction action = { .sa_handler = on_signal };

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    !newterm(NULL, stdout, stdin)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			    "top takes a terminal");
		return false;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	cbreak();
	noecho();
	curs_set(0);
	start_color();
	use_default_colors();
	init_pair(PAIR_RED, COLOR_RED, -1);
	timeout(REFRESH_MS);
	return true;
}

int
top_run(struct ctl_link *link, GError **error)
{
	bool asks = true;
	int key = 0;

	if (!begin(error))
		return CTL_REFUSED;
	while (key != 'q' && !told_to_stop && asks) {
		asks = refresh_all(link, error);
		if (asks)
			key = getch();
	}
	endwin();
	return asks ? CTL_DONE : CTL_NOBODY;
}
