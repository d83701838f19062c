/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exporter_notices.h - what a collector is told beside flows: options data.
 *
 * Tables of its template set, in rounds; of each a record for every thing that
 * it tells of, when the round comes to it.  When rounds begin, and how fast
 * they go, is the session's.
 */
#ifndef EXPORTER_NOTICES_H
#define EXPORTER_NOTICES_H

#include "encode.h"
#include "exporter.h"
#include "transport.h"

struct notices;

struct notices_args {
	const struct exporter_sources *sources; /* all of these are lent */
	const struct template_set *set;
	const struct encoder_ops *encode;
	struct encoder *encoder;
	const struct transport_stats *stats;
};

struct notices *notices_new(const struct notices_args *args);
void notices_free(struct notices *notices);

/* A round begins, from the first table; one under way is dropped. */
void notices_begin(struct notices *notices, uint64_t wall_ns);

/* Whether the round is not over. */
bool notices_left(const struct notices *notices);

/* Gives the encoder the round's next record; false: there is none left, or it
 * does not fit, and stays the next. */
bool notices_add(struct notices *notices);

/* The encoder's sign of life; it must have one. */
void notices_beat(struct notices *notices, uint64_t wall_ns,
		  struct message *message);

#endif
