/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_calls.h - what we call of libmicrohttpd: MHD_run() is mhd.run().
 */
#ifndef METRICS_CALLS_H
#define METRICS_CALLS_H

#include <glib.h>
#include <microhttpd.h>
#include <stdbool.h>

#define MHD_CALLS(X)                                                           \
	X(add_response_header)                                                 \
	X(create_response_from_buffer)                                         \
	X(destroy_response)                                                    \
	X(get_connection_info)                                                 \
	X(get_daemon_info)                                                     \
	X(get_timeout)                                                         \
	X(queue_response)                                                      \
	X(run)                                                                 \
	X(start_daemon)                                                        \
	X(stop_daemon)

struct mhd_calls {
#define X(name) __typeof__(MHD_##name) *name;
	MHD_CALLS(X)
#undef X
};

/* Once they are loaded. */
extern struct mhd_calls mhd;
bool mhd_load(GError **error);

#endif
