/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exporter_announce.h - what goes to a collector unasked, and when: templates,
 * and options data behind them.
 *
 * Both at a session's start; where they may get lost, again after 1, 5, 15 and
 * 60 s (a collector may start a moment later than we do); and then by time and,
 * templates, by messages as the collector's settings say.  Options data keeps
 * a distance between its messages, so that it does not drown others.
 */
#ifndef EXPORTER_ANNOUNCE_H
#define EXPORTER_ANNOUNCE_H

#include "encode.h"
#include "exporter_notices.h"

struct announce;

struct announce_args {
	const struct collector *collector; /* all of these are lent */
	const struct encoder_ops *encode;
	struct encoder *encoder;
	bool reliable;	       /* nothing gets lost within a session */
	bool hasty;	       /* options data need not keep its distance */
	void (*due)(void *to); /* something is, by time */
	void *to;
};

struct announce *announce_new(const struct announce_args *args);
void announce_free(struct announce *announce);

/* NOTICES is lent: options data, from now on. */
void announce_tell(struct announce *announce, struct notices *notices);

/* A session begins. */
void announce_up(struct announce *announce);

/* The collector may have missed something. */
void announce_missed(struct announce *announce);

/* A message with records was sent. */
void announce_sent(struct announce *announce);

/* Records come, the first of a burst or amid one: templates may be due before
 * them.  What was missed waits for a burst to begin, for where every message
 * fails it would go out with each record. */
void announce_burst(struct announce *announce);
void announce_amid(struct announce *announce);

/* The message that goes next, before records; false: there is none now.  One of
 * options data takes along what records the encoder has. */
bool announce_take(struct announce *announce, uint64_t wall_ns,
		   struct message *message);

/* Whether records must wait: templates are due. */
bool announce_pending(const struct announce *announce);

/* Whether there will be something to take, in some milliseconds if not now. */
bool announce_left(const struct announce *announce);

#endif
