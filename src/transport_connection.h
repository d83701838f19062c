/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_connection.h - a connection that comes and goes, for transports
 * that have one.
 *
 *	           name resolves       connected
 *	WAITING ----------------> CONNECTING ----> UP
 *	   ^  after back-off          | failed     | lost
 *	   +--------------------------+------------+
 *
 * An attempt tries all of a name's addresses in turn.  Attempts begin at most
 * once in the collector's "reconnect" (RFC 7011 10.4.4: by default a minute),
 * and after several that failed, in up to four times that; some jitter keeps
 * many exporters from coming at once.  After a long session the next attempt is
 * therefore made at once.  Nothing blocks; the log is told when states change.
 */
#ifndef TRANSPORT_CONNECTION_H
#define TRANSPORT_CONNECTION_H

#include "transport.h"

struct connection;

struct connection_args {
	const struct transport_args *transport; /* lent; so are its members */
	int protocol;				/* IPPROTO_* of SOCK_STREAM */
	/* Sets options on FD, before it connects; may be NULL. */
	void (*prepare)(const struct collector *collector, int fd);
	void (*up)(void *to, int fd);
	/* FD, while it is up, can be read, or has the room that was waited
	 * for. */
	void (*readable)(void *to);
	void (*writable)(void *to);
	/* Whether all that was sent has arrived. */
	bool (*settled)(void *to);
	/* It is down; FD is still open, for the last time. */
	void (*down)(void *to);
	void *to;
};

/* The first attempt is under way; fails where somebody patient should know. */
struct connection *connection_new(const struct connection_args *args,
				  GError **error);
void connection_free(struct connection *connection);

/* -1: it is not up. */
int connection_fd(const struct connection *connection);

/* Whether it is up, and not about to end. */
bool connection_open(const struct connection *connection);

/* Calls WRITABLE, once. */
void connection_wait_for_room(struct connection *connection);

/* READABLE was called for what nobody asked to hear: not again for a moment,
 * for it goes before all else. */
void connection_ignore(struct connection *connection);

/* The collector says goodbye, and may still read what is on its way: ends when
 * that is settled, or two seconds have passed. */
void connection_leave(struct connection *connection);

/* Whoever reads or writes found that it is no more; ERROR 0: the collector
 * closed it. */
void connection_lost(struct connection *connection, int error);

#endif
