/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics_text.h"

#include <stdarg.h>

#include "visible.h"

static void
append_escaped(GString *out, const char *value)
{
	g_autofree char *text = visible(value);

	for (const char *c = text; *c; c++) {
		if (*c == '\\' || *c == '"')
			g_string_append_printf(out, "\\%c", *c);
		else
			g_string_append_c(out, *c);
	}
}

static void
append_labels(GString *out, va_list labels)
{
	const char *name = va_arg(labels, const char *);

	if (!name)
		return;
	g_string_append_c(out, '{');
	for (int n = 0; name; n++) {
		g_string_append_printf(out, "%s%s=\"", n ? "," : "", name);
		append_escaped(out, va_arg(labels, const char *));
		g_string_append_c(out, '"');
		name = va_arg(labels, const char *);
	}
	g_string_append_c(out, '}');
}

void
metrics_family(struct metrics_text *text, const char *name,
	       enum metrics_type type, const char *help)
{
	g_strlcpy(text->family, name, sizeof(text->family));
	g_string_append_printf(text->out, "# HELP %s %s\n# TYPE %s %s\n", name,
			       help, name,
			       type == METRICS_COUNTER ? "counter" : "gauge");
}

void
metrics_integer(struct metrics_text *text, uint64_t value, ...)
{
	va_list labels;

	g_string_append(text->out, text->family);
	va_start(labels, value);
	append_labels(text->out, labels);
	va_end(labels);
	g_string_append_printf(text->out, " %" G_GUINT64_FORMAT "\n", value);
}

void
metrics_real(struct metrics_text *text, double value, ...)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];
	va_list labels;

	g_string_append(text->out, text->family);
	va_start(labels, value);
	append_labels(text->out, labels);
	va_end(labels);
	g_ascii_formatd(number, sizeof(number), "%.16g", value);
	g_string_append_printf(text->out, " %s\n", number);
}
