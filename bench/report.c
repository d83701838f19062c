/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <math.h>
#include <stdio.h>

struct figure {
	const char *name, *program, *unit;
	GArray *values; /* of double */
};

struct report {
	GPtrArray *figures; /* in the order of their first round */
};

static void
figure_free(void *data)
{
	struct figure *figure = data;

	g_array_unref(figure->values);
	g_free(figure);
}

struct report *
report_new(void)
{
	struct report *report = g_new0(struct report, 1);

	report->figures = g_ptr_array_new_with_free_func(figure_free);
	return report;
}

void
report_free(struct report *report)
{
	if (!report)
		return;
	g_ptr_array_unref(report->figures);
	g_free(report);
}

static struct figure *
find(const struct report *report, const char *name, const char *program)
{
	for (guint i = 0; i < report->figures->len; i++) {
		struct figure *figure = report->figures->pdata[i];

		if (g_str_equal(figure->name, name) &&
		    g_str_equal(figure->program, program))
			return figure;
	}
	return NULL;
}

void
report_add(struct report *report, const char *name, const char *program,
	   const char *unit, double value)
{
	struct figure *figure = find(report, name, program);

	if (!figure) {
		figure = g_new0(struct figure, 1);
		figure->name = name;
		figure->program = program;
		figure->unit = unit;
		figure->values = g_array_new(FALSE, FALSE, sizeof(double));
		g_ptr_array_add(report->figures, figure);
	}
	g_array_append_val(figure->values, value);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(const struct figure *figure)
{
	g_array_sort(figure->values, compare);
	return g_array_index(figure->values, double, figure->values->len / 2);
}

double
report_median(const struct report *report, const char *name,
	      const char *program)
{
	struct figure *figure = find(report, name, program);

	return figure ? median(figure) : NAN;
}

bool
report_write(const struct report *report, const char *file, GError **error)
{
	g_autoptr(GString) json = g_string_new("[\n");

	for (guint i = 0; i < report->figures->len; i++) {
		struct figure *figure = report->figures->pdata[i];

		printf("%-28s %-14s %12.2f %s\n", figure->name, figure->program,
		       median(figure), figure->unit);
		g_string_append_printf(
			json,
			"%s  { \"case\": \"%s\", \"program\": \"%s\", "
			"\"value\": %.3f, \"unit\": \"%s\" }",
			i ? ",\n" : "", figure->name, figure->program,
			median(figure), figure->unit);
	}
	g_string_append(json, "\n]\n");
	return g_file_set_contents(file, json->str, json->len, error);
}
