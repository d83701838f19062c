/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_zmq_topics.h - what subscribers of a publisher's socket ask for.
 *
 * libzmq keeps that for as long as they are there, as much as they like:
 * whoever reaches the port could take all memory, and time.  A look at it is
 * bounded, and so is how much there may be.
 */
#ifndef TRANSPORT_ZMQ_TOPICS_H
#define TRANSPORT_ZMQ_TOPICS_H

#include <stdbool.h>

#include "transport_zmq_socket.h"

#define TOPICS_MAX 4096 /* an ntopng asks for a dozen */

/* Takes in what was said at SOCKET, where there were *N_TOPICS; false: there
 * are too many now. */
bool topics_look(void *socket, const char *topic, unsigned *n_topics,
		 struct pub_change *change);

#endif
