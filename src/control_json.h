/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control_json.h - members of a JSON object, a line each.
 *
 * For control's own files only.
 */
#ifndef CONTROL_JSON_H
#define CONTROL_JSON_H

#include <json-glib/json-glib.h>
#include <stdint.h>

/* An object begins. */
JsonBuilder *json_begin(void);

/* It ends: its text, on one line, is added to TEXT. */
void json_end(JsonBuilder *builder, GString *text);

void json_add_int(JsonBuilder *builder, const char *name, uint64_t value);
void json_add_double(JsonBuilder *builder, const char *name, double value);

/* VALUE may be any octets, or NULL. */
void json_add_string(JsonBuilder *builder, const char *name, const char *value);

#endif
