/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control.h - answers flowexportctl over a unix socket.
 *
 * Beside the walk, in the main loop.  At most CONTROL_MAX_CLIENTS at a time;
 * further ones are told so.  Memory is bounded for each of them: a request of
 * 4 KiB, a chunk of the reply, and what the reply's rows take (a flow 260
 * octets, an interface 100).
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "control_socket.h"
#include "monitor.h"

#define CONTROL_MAX_CLIENTS 64

struct control;

/* All of it is lent. */
struct control_args {
	const struct control_socket *socket;
	struct monitor *monitor;
	struct pipeline *pipeline;
	/* False: refused; SAID tells why, or else what is to be known. */
	bool (*reload)(void *to, GString *said);
	void *to;
};

struct control *control_new(const struct control_args *args);
void control_free(struct control *control);

#endif
