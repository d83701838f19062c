/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world.h - a snapshot of a daemon that is well, and rows that each spoil one,
 * with the words that must then be said.
 */
#ifndef WORLD_H
#define WORLD_H

#include "clock.h"
#include "health.h"

#define WORLD_S CLOCK_SECOND_NS

struct world {
	struct stats stats;
	struct snapshot snapshot;
	struct collector collector;
	struct transport_state transport;
	struct iface iface;
	struct snapshot_collector *row;	 /* of its only collector */
	struct observe_state *interface; /* its only one */
};

/* "!": a problem, "-": a note; then what is said, and what to do. */
struct world_row {
	const char *name;
	void (*spoil)(struct world *w);
	const char *what;   /* NULL: nothing */
	const char *remedy; /* NULL: none */
};

void world_make(struct world *w);
void world_clear(struct world *w);

/* Its collector has refused for 12 seconds. */
void world_refuse(struct world *w);

/* Its collector has been down that long, for this reason. */
void world_be_down(struct world *w, int error, const char *text);

/* Adds tests, "/health/row/" and its name for each. */
void world_add(const struct world_row *rows, size_t n);

#endif
