/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logged.h"

#include "log.h"

/* Each test program has one thread and one log. */
static char *logged;

void
log_line(enum log_level level, const char *format, ...)
{
	g_autofree char *before = logged;
	g_autofree char *line = NULL;
	va_list args;

	va_start(args, format);
	line = g_strdup_vprintf(format, args);
	va_end(args);
	logged = g_strdup_printf("%s%c %s\n", before ? before : "",
				 "ewid"[level], line);
}

void
logged_forget(void)
{
	g_clear_pointer(&logged, g_free);
}

static char *
replaced(const char *text, const char *word, const char *value)
{
	g_auto(GStrv) parts = g_strsplit(text, word, -1);

	return g_strjoinv(value, parts);
}

void
logged_expect(const char *format, const char *word, const char *value)
{
	g_autofree char *expected =
		word ? replaced(format, word, value) : g_strdup(format);

	g_assert_cmpstr(logged ? logged : "", ==, expected);
	logged_forget();
}

void
logged_expect_port(const char *format, unsigned port)
{
	g_autoptr(GRegex) seconds = g_regex_new("\\b\\d+ s\\b", 0, 0, NULL);
	g_autofree char *number = g_strdup_printf("%u", port);
	g_autofree char *before = logged;

	logged = before ? g_regex_replace_literal(seconds, before, -1, 0, "S",
						  0, NULL)
			: NULL;
	logged_expect(format, "PORT", number);
}
