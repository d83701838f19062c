/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_zmq_setup.h - how a publisher's ZeroMQ socket is set up.
 */
#ifndef TRANSPORT_ZMQ_SETUP_H
#define TRANSPORT_ZMQ_SETUP_H

#include "transport.h"

/* As the COLLECTOR's settings say, and encrypted if they do.  These two are
 * false with what zmq_strerror() explains. */
bool setup_options(void *socket, const struct collector *collector);

/* Listens on its address, or connects to it. */
bool setup_endpoint(void *socket, const struct transport_args *args);

void setup_int(void *socket, int option, int value);

#endif
