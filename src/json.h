/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.h - a flow as a JSON object on a line, for programs.
 *
 * Keys are the names of elements, addresses and times are text (RFC 3339, in
 * microseconds), then come "interfaceName", where the flow was observed (null:
 * unknown), and "duplicate".  print.c shows every element that the record's
 * family and protocol have, encode_json.c those of a template set.
 */
#ifndef JSON_H
#define JSON_H

#include <stdio.h>

#include "template.h"

/* Writes RECORD to OUT; TEMPLATE NULL: with all that concerns it. */
void json_write(FILE *out, const struct template *template,
		const struct record *record);

/* TEXT as a JSON string: names are any bytes, JSON is UTF-8.  What cannot be
 * printed is escaped: lines are read at terminals, too. */
void json_string(FILE *out, const char *text);

#define JSON_ESCAPE_SIZE sizeof("\\ud834\\udd1e")
void json_escape(char out[JSON_ESCAPE_SIZE], gunichar c);

/* Octets that a line of TEMPLATE may have. */
size_t json_max_len(const struct template *template);

/* The name of where RECORD was observed; NULL: unknown. */
const char *json_interface(const struct record *record);

#endif
