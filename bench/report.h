/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - figures of a benchmark: gathered in rounds, told as medians.
 *
 * Rounds are interleaved by the caller, so that what else the machine does
 * falls on all cases alike.  Prints a table and writes a JSON array of
 * { "case", "program", "value", "unit" }.
 */
#ifndef REPORT_H
#define REPORT_H

#include <glib.h>
#include <stdbool.h>

struct report;

struct report *report_new(void);
void report_free(struct report *report);

/* One round's VALUE of a case; the three strings are borrowed for ever. */
void report_add(struct report *report, const char *name, const char *program,
		const char *unit, double value);

/* The median so far; NAN: no such case. */
double report_median(const struct report *report, const char *name,
		     const char *program);

/* A table on standard output, and the array into FILE. */
bool report_write(const struct report *report, const char *file,
		  GError **error);

#endif
