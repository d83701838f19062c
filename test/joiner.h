/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * joiner.h - the stage that joins both directions of a flow: a client's and a
 * server's records go in, and what comes out is text.
 */
#ifndef JOINER_H
#define JOINER_H

#include <glib.h>

#include "biflow.h"
#include "clock.h"

enum { JOINER_CLIENT = 40000, JOINER_SERVER = 443 };

struct joiner {
	struct biflow *biflow;
	struct sink sink;
	GString *got; /* a word for each record */
	uint64_t joined;
};

/* For MAX flows; LIVE: time passes between records, too. */
void joiner_setup(struct joiner *j, uint32_t max, bool live);

/* For 16, not live, with what comes out to PUSH, not as text. */
void joiner_setup_to(struct joiner *j,
		     void (*push)(void *to, struct record *record), void *to);
void joiner_teardown(struct joiner *j);

/* The client's record of a TCP flow, or the server's, reported at END_S. */
struct record joiner_record(uint16_t src_port, uint64_t first_ns,
			    unsigned end_s, uint32_t packets);
void joiner_push(struct joiner *j, uint16_t src_port, uint64_t first_ns,
		 unsigned end_s, uint32_t packets);

/* A word for each that came: who sends how many packets, "/" and how many come
 * back, "?" where nobody can tell who began. */
void joiner_expect(struct joiner *j, const char *expected);

#endif
