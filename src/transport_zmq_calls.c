/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_zmq_calls.h"

#include "library.h"

struct zmq_calls zmq;

bool
zmq_load(GError **error)
{
	static const char *const names[] = {
#define X(name) "zmq_" #name,
		ZMQ_CALLS(X)
#undef X
	};

	return zmq.bind || library_load(ZMQ_SONAME, names, G_N_ELEMENTS(names),
					&zmq, error);
}
