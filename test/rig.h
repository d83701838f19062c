/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig.h - a transport that has sessions, the collector that it is for, and what
 * it tells of itself.
 */
#ifndef RIG_H
#define RIG_H

#include "transport.h"

#define RIG_MS 1000000ULL

struct rig {
	const struct transport_ops *ops;
	int fd; /* where the collector listens, if it is not who calls */
	uint16_t port;
	struct collector collector;
	struct transport_stats stats;
	uint64_t n_up;	 /* calls of up() */
	uint64_t n_room; /* and of room() */
	struct transport *transport;
};

/* Nothing is opened; what all have in common is set, and nothing logged. */
void rig_prepare(struct rig *rig, const struct transport_ops *ops);

struct transport *rig_open(struct rig *rig, GError **error);

/* Opens it for good; there is no session yet. */
void rig_begin(struct rig *rig);

/* Runs the loop until it has sent all that it took; fails after 5 seconds. */
void rig_until_idle(struct rig *rig);

#endif
