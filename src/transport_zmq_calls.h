/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_zmq_calls.h - what we call of libzmq: zmq_close() is zmq.close().
 */
#ifndef TRANSPORT_ZMQ_CALLS_H
#define TRANSPORT_ZMQ_CALLS_H

#include <glib.h>
#include <stdbool.h>
#include <zmq.h>

#define ZMQ_CALLS(X)                                                           \
	X(bind)                                                                \
	X(close)                                                               \
	X(connect)                                                             \
	X(ctx_new)                                                             \
	X(ctx_term)                                                            \
	X(curve_keypair)                                                       \
	X(getsockopt)                                                          \
	X(msg_close)                                                           \
	X(msg_data)                                                            \
	X(msg_init)                                                            \
	X(msg_init_data)                                                       \
	X(msg_init_size)                                                       \
	X(msg_more)                                                            \
	X(msg_recv)                                                            \
	X(msg_send)                                                            \
	X(msg_size)                                                            \
	X(setsockopt)                                                          \
	X(socket)                                                              \
	X(socket_monitor)                                                      \
	X(strerror)                                                            \
	X(unbind)

struct zmq_calls {
#define X(name) __typeof__(zmq_##name) *name;
	ZMQ_CALLS(X)
#undef X
};

/* Once they are loaded. */
extern struct zmq_calls zmq;
bool zmq_load(GError **error);

#endif
