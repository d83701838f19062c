/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print.h - flows on standard output, for people (text) and programs (json).
 *
 * Text: a header line, then a line a flow in aligned columns.  JSON: an object
 * a line, keys are the IANA names of every element that src/field.c knows.
 */
#ifndef PRINT_H
#define PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "record.h"

struct print;

/* OUT stays the caller's. */
struct print *print_new(FILE *out, bool json);
void print_free(struct print *print);
struct sink print_sink(struct print *print);

/* 0, or why OUT cannot be written; EPIPE: nobody reads it any longer. */
int print_error(const struct print *print);

#endif
