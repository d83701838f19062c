/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live_beat.h - how often the daemon looks whether the flow table fills up.
 *
 * Twice a second while nothing happens: each time costs some 0.1 ms of CPU,
 * most of it the kernel's, to wake us.  A hundred times a second while there is
 * something to see.  A flood that fills the table from one beat to the next
 * shows in the overflow ring, whose first packet brings the next beat about.
 */
#ifndef LIVE_BEAT_H
#define LIVE_BEAT_H

#include <glib.h>
#include <stdbool.h>

struct beat {
	/* True: there was something to see.  HASTY: in the ring, maybe. */
	bool (*look)(void *to, bool hasty);
	void *to;
	int ring_fd; /* of the overflow ring; -1: there is none */
	guint timer, ring_source;
};

void beat_begin(struct beat *beat);
void beat_end(struct beat *beat);

#endif
