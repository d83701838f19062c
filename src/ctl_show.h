/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_show.h - the daemon's answers as text for people.
 *
 * One for each command; what an answer lacks is shown as "-".  The daemon tells
 * others' names as they are: show() makes them visible.
 */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef void ctl_show(JsonObject *answer, GString *out);

/* What COMMAND shows of the answer that PARSER has read; the caller's. */
char *show(ctl_show *command, JsonParser *parser);

ctl_show show_status;
ctl_show show_stats;
ctl_show show_interfaces;
ctl_show show_collectors;
ctl_show show_flows;
ctl_show show_done;

/* Members, wherever they are missing: 0, NULL, an empty array. */
double show_number(JsonObject *object, const char *name);
const char *show_string(JsonObject *object, const char *name);
JsonObject *show_object(JsonObject *object, const char *name);
guint show_length(JsonObject *object, const char *name);
JsonObject *show_element(JsonObject *object, const char *name, guint i);

/* "main  ipfix+udp  192.0.2.1:4739": PROTOCOL+TRANSPORT, and ADDRESS. */
char *show_kind(JsonObject *collector);
char *show_address(JsonObject *collector);

/* "up for 3 h 2 min" */
char *show_state(JsonObject *collector);

#endif
