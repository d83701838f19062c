/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_state.h - how it stands with a collector, for whoever asks.
 *
 * Transports write it, by transport_set() and transport_warn(); it is never
 * read to decide anything.
 */
#ifndef TRANSPORT_STATE_H
#define TRANSPORT_STATE_H

#include <stdint.h>

enum transport_phase {
	TRANSPORT_CONNECTING, /* for the first time, or since it was up */
	TRANSPORT_UP,	      /* over UDP: nothing says that it is not */
	TRANSPORT_DOWN,	      /* the error says why; attempts go on */
};

struct transport_state {
	enum transport_phase phase;
	uint64_t since_ns; /* boot time at which it came to that */
	int error;	   /* errno of the last trouble, or 0 */
	uint64_t error_ns; /* boot time at which it began */
	char text[160];	   /* and what it was; "": there was none */
};

#endif
