/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exporter_session.h - records on their way to one collector: a queue, an
 * encoder, a transport, and when templates are due.
 *
 * Every record goes through the queue, and is encoded when the transport takes
 * its message: after the templates of that session, with the number and time
 * that it is sent with.  What a session leaves unsent when it ends, the next
 * one sends.  Work is done at a burst's end, when there is room again and each
 * millisecond while something waits that could go; never more at a stroke than
 * takes a third of a millisecond.
 */
#ifndef EXPORTER_SESSION_H
#define EXPORTER_SESSION_H

#include "encode.h"
#include "transport.h"

struct session;
struct notices; /* exporter_notices.h */

struct session_args {
	const struct collector *collector; /* all of these are lent */
	const struct encoder_ops *encode;
	struct encoder *encoder;
	const struct transport_ops *carry;
	struct transport_stats *stats;
	struct transport_state *state;
	bool patient; /* nothing is dropped: the queue grows */
};

struct session *session_new(const struct session_args *args, GError **error);
void session_free(struct session *session);

/* NOTICES is lent for the session's life. */
void session_tell(struct session *session, struct notices *notices);

void session_push(struct session *session, const struct record *record);
void session_flush(struct session *session);

/* See exporter.h. */
bool session_busy(struct session *session);
bool session_pressed(const struct session *session);
bool session_healthy(const struct session *session);
void session_look(const struct session *session, size_t *n_waiting,
		  size_t *room);
void session_give_up(struct session *session);

#endif
