/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runner.h - hands a program packets, and says how long each took.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include <stdbool.h>
#include <stdint.h>

/* What is handed over: a frame, as many flows' as N_FLOWS. */
struct traffic {
	const uint8_t *frame;
	uint32_t len;
	uint32_t gso_size, gso_segs;
	uint32_t n_flows; /* a power of two; 1: the frame as it is */
	bool in_order;	  /* flow by flow ... */
	uint32_t first;	  /* ... from this one on; else at random */
};

struct runner;

/* Exits with a message if it cannot be. */
struct runner *runner_new(void);
void runner_free(struct runner *runner);

/* The program that does nothing. */
int runner_empty(const struct runner *runner);

/* Nanoseconds a packet, with what handing it over takes, which is the same for
 * all programs. */
double runner_run(struct runner *runner, int program,
		  const struct traffic *traffic, uint32_t n_packets);

#endif
