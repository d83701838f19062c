/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_text.h - numbers as people read them, in columns no wider than needed.
 */
#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include <glib.h>
#include <stdint.h>

/* "1234", "12.3 k", "1.23 G": three digits and a prefix, from 10,000 on. */
char *text_count(double value);

/* The same with a unit behind, "bit/s" or "B"; never "12.3 kB" and "123kB". */
char *text_unit(double value, const char *unit);

/* "12 s", "3 min 4 s", "5 h 6 min", "7 d 8 h". */
char *text_seconds(double seconds);

/* Rows of cells. */
struct text_table;

/* COLUMNS: a header each, NULL-terminated; those behind a ">" are aligned to
 * the right. */
struct text_table *table_new(const char *const *columns);
void table_free(struct text_table *table);

/* A cell, the next one of its row; it is the table's from now on.  NULL or
 * empty: "-", for it is not known. */
void table_add(struct text_table *table, char *cell);

/* A line a row, its headers first; others' names in it are made visible. */
void table_print(const struct text_table *table, GString *out);

#endif
