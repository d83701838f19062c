/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_zmq_socket.h - a publisher's ZeroMQ socket, and what happens to its
 * connections.
 *
 * It tells when subscriptions come and go (XPUB), and refuses what a slow
 * subscriber has no room for instead of dropping it (XPUB_NODROP).  libzmq
 * moves octets in a thread of its own, which begins here and ends in
 * pub_free().
 */
#ifndef TRANSPORT_ZMQ_SOCKET_H
#define TRANSPORT_ZMQ_SOCKET_H

#include "transport.h"

struct pub;

enum pub_sent {
	PUB_SENT,
	PUB_FULL, /* some subscriber has no room: try again when something
		   * happened */
	PUB_FAILED,
};

/* Binds, or connects, as the collector in ARGS says, which is lent.  HAPPENED
 * is called from the loop when something may have: pub_look(). */
struct pub *pub_new(const struct transport_args *args,
		    void (*happened)(void *to), void *to, GError **error);

/* What subscribers have not yet is given LINGER_MS to leave; then it is
 * dropped. */
void pub_free(struct pub *pub, int linger_ms);

/* Both frames of a message of LEN octets, the first of HEAD.  One that is FULL
 * must be offered again before another. */
enum pub_sent pub_send(struct pub *pub, const uint8_t *data, size_t head,
		       size_t len);

/* Octets of messages that libzmq has done with, ever: they are in the kernel's
 * hands, or were dropped with their connection.  Modulo 2^N. */
size_t pub_n_done(const struct pub *pub);

/* Whether a connection was lost since this was last asked. */
bool pub_look_lost(struct pub *pub);

/* Takes in what subscribers said: of those of TOPIC, how many came, and
 * left. */
struct pub_change {
	unsigned came, left;
};
struct pub_change pub_look(struct pub *pub, const char *topic);

#endif
