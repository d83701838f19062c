/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_text.h"

#include <stdbool.h>

#include "visible.h"

#define EXACT	  10000 /* below, every digit is shown */
#define SEPARATOR "  "

struct text_table {
	const char *const *columns;
	guint n_columns;
	GPtrArray *cells; /* of char *, row after row */
};

char *
text_unit(double value, const char *unit)
{
	static const char *const prefixes[] = {
		"", "k", "M", "G", "T", "P", "E"
	};
	const char *space = *unit ? " " : "";
	guint i = 0;

	if (value < EXACT)
		return g_strdup_printf("%.0f%s%s", value, space, unit);
	while (value >= 999.5 && i + 1 < G_N_ELEMENTS(prefixes)) {
		value /= 1000;
		i++;
	}
	return g_strdup_printf("%.*f %s%s",
			       value < 9.995   ? 2
			       : value < 99.95 ? 1
					       : 0,
			       value, prefixes[i], unit);
}

char *
text_count(double value)
{
	return text_unit(value, "");
}

char *
text_seconds(double seconds)
{
	const uint64_t s = seconds, minutes = s / 60, hours = minutes / 60;

	if (s < 60)
		return g_strdup_printf("%u s", (unsigned)s);
	if (minutes < 60)
		return g_strdup_printf("%u min %u s", (unsigned)minutes,
				       (unsigned)(s % 60));
	if (hours < 24)
		return g_strdup_printf("%u h %u min", (unsigned)hours,
				       (unsigned)(minutes % 60));
	return g_strdup_printf("%u d %u h", (unsigned)(hours / 24),
			       (unsigned)(hours % 24));
}

struct text_table *
table_new(const char *const *columns)
{
	struct text_table *table = g_new0(struct text_table, 1);

	table->columns = columns;
	table->n_columns = g_strv_length((char **)columns);
	table->cells = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < table->n_columns; i++)
		table_add(table, g_strdup(columns[i] + (*columns[i] == '>')));
	return table;
}

void
table_free(struct text_table *table)
{
	g_ptr_array_unref(table->cells);
	g_free(table);
}

void
table_add(struct text_table *table, char *cell)
{
	g_ptr_array_add(table->cells, visible(cell && *cell ? cell : "-"));
	g_free(cell);
}

static const char *
cell_at(const struct text_table *table, guint row, guint column)
{
	return table->cells->pdata[row * table->n_columns + column];
}

static guint
width_of(const struct text_table *table, guint column)
{
	glong width = 0;

	for (guint i = column; i < table->cells->len; i += table->n_columns)
		width = MAX(width, g_utf8_strlen(table->cells->pdata[i], -1));
	return width;
}

static void
pad(GString *out, guint n)
{
	while (n--)
		g_string_append_c(out, ' ');
}

static void
print_cell(const struct text_table *table, guint row, guint column,
	   GString *out)
{
	const char *cell = cell_at(table, row, column);
	guint blanks = width_of(table, column) - g_utf8_strlen(cell, -1);
	bool right = *table->columns[column] == '>';
	bool last = column + 1 == table->n_columns;

	if (right)
		pad(out, blanks);
	g_string_append(out, cell);
	if (!right && !last)
		pad(out, blanks);
	g_string_append(out, last ? "\n" : SEPARATOR);
}

void
table_print(const struct text_table *table, GString *out)
{
	for (guint row = 0; row < table->cells->len / table->n_columns; row++)
		for (guint i = 0; i < table->n_columns; i++)
			print_cell(table, row, i, out);
}
