/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pace.h - how fast messages may follow each other.
 *
 * Either at a rate that the user set, or such that a burst is stretched: who
 * gets 200,000 records at once over UDP has a socket buffer for 90 messages
 * (net.core.rmem_default), and reads it every few milliseconds.  A burst of up
 * to PACE_BURST messages goes at once; a longer one at PACE_PER_MS, or faster
 * the more records wait, so that some hundred thousand are out in a second.
 */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACE_BURST  32
#define PACE_PER_MS 16

struct pace {
	uint32_t rate; /* messages a second; 0: see SMOOTH */
	bool smooth;   /* or else as fast as it goes */
	double tokens; /* messages that may go now */
	uint64_t last_ns;
};

/* Time has come to NOW_NS, of any clock that never goes back, and N_WAITING
 * records wait. */
void pace_pass(struct pace *pace, uint64_t now_ns, size_t n_waiting);

/* Whether a message may go, and that it went. */
bool pace_allows(const struct pace *pace);
void pace_spend(struct pace *pace);

#endif
