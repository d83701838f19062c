/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subscribed.h - the ZeroMQ transport, and subscribers of our own: ntopng, but
 * for its patience.
 */
#ifndef SUBSCRIBED_H
#define SUBSCRIBED_H

#include "rig.h"

#define SUBSCRIBED_RECORDS 3 /* in each message */
#define SUBSCRIBED_HWM	   10
#define SUBSCRIBED_LEN	   8000 /* octets of each */

struct subscribed {
	struct rig rig;
	void *context; /* the subscribers' */
	char *endpoint;
	uint64_t n_sent;
};

/* The transport binds, when it begins, a port that is free now. */
void subscribed_prepare(struct subscribed *s);

/* The same, and begins. */
void subscribed_setup(struct subscribed *s);

/* Subscribers are closed by then. */
void subscribed_teardown(struct subscribed *s);

/* A socket; SECRET: it encrypts, as the server with this key. */
void *subscribed_socket(struct subscribed *s, bool binds, const char *secret);

/* Until up() was called so many times; SOCKET is one that needs its thread for
 * that. */
void subscribed_until_up(struct subscribed *s, void *socket, uint64_t n);

/* Until nobody is there. */
void subscribed_until_left(struct subscribed *s);

/* The next message, whose octets tell its number; whether it was taken. */
bool subscribed_send(struct subscribed *s);

/* The next that comes at SOCKET is number N. */
void subscribed_expect(void *socket, uint64_t n);

#endif
