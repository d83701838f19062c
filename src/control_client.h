/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control_client.h - one connection to the control socket.
 *
 * For control's own files only.  A line comes in, a reply goes out, then the
 * next one.  Nothing blocks, and who neither asks nor reads for ten seconds is
 * dropped.
 */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include "control_reply.h"

#define CLIENT_PATIENCE_S 10

struct client;

struct client_args {
	int fd; /* the client's from now on */
	/* A request; client_send() answers it, now or later. */
	void (*asked)(void *to, struct client *client, const char *line,
		      size_t len);
	/* It is no more, when this returns. */
	void (*gone)(void *to, struct client *client);
	void *to;
};

struct client *client_new(const struct client_args *args);
void client_free(struct client *client);

/* To fill, before client_send(). */
struct control_reply *client_reply(struct client *client);
void client_send(struct client *client);

#endif
