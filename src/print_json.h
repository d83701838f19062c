/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * print_json.h - a flow as a JSON object, for programs.
 *
 * Keys are the names of the elements in field.c that the record's family and
 * protocol have, then "interfaceName" (null: unknown) and "duplicate".
 */
#ifndef PRINT_JSON_H
#define PRINT_JSON_H

#include <stdio.h>

#include "record.h"

/* Writes RECORD as one line to OUT; INTERFACE: where it was observed. */
void print_json(FILE *out, const struct record *record, const char *interface);

#endif
