/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop.h - how long the main loop was held: the longest turn without a look at
 * what is ready.
 *
 * All work is done in one thread, cut into steps of a millisecond or so; this
 * is what says so.  Costs two looks at a clock a turn.
 */
#ifndef LOOP_H
#define LOOP_H

#include <glib.h>
#include <stdint.h>

/* Whoever asks of us has his turns with the walk's steps, not before them: who
 * always has a question would have no flow end. */
#define LOOP_CLIENTS G_PRIORITY_DEFAULT_IDLE

/* Measures the default main context from now on. */
void loop_watch(void);

/* Its longest turn since then, in microseconds. */
uint64_t loop_hold_us(void);

#endif
