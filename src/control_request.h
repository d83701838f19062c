/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control_request.h - what a client of the control socket may ask.
 *
 * A request is a line with a JSON object: {"command": "flows", "count": 20,
 * "sort": "bytes"}.  Only "flows" takes more than a command.
 */
#ifndef CONTROL_REQUEST_H
#define CONTROL_REQUEST_H

#include <glib.h>
#include <stdbool.h>

#define CONTROL_REQUEST_MAX   4096 /* octets, with its end of line */
#define CONTROL_FLOWS_DEFAULT 20
#define CONTROL_FLOWS_MAX     1000

enum control_command {
	CONTROL_STATUS,
	CONTROL_STATS,
	CONTROL_INTERFACES,
	CONTROL_COLLECTORS,
	CONTROL_FLOWS,
	CONTROL_FLUSH,
	CONTROL_RELOAD,
};

enum control_sort { CONTROL_BYTES, CONTROL_PACKETS, CONTROL_LAST };

struct control_request {
	enum control_command command;
	guint count; /* of flows */
	enum control_sort sort;
};

/* LINE has LEN octets, without its end; the message in *ERROR is for the
 * client. */
bool control_request_parse(struct control_request *request, const char *line,
			   size_t len, GError **error);

#endif
