/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics.h - the counters over HTTP, for Prometheus: /metrics.
 *
 * libmicrohttpd, run from the main loop: no thread.  A page is written at a
 * stroke, for all who ask in the same turn of the loop.  What clients can take
 * of us is bounded: so many of them at once (the next wait at the door), little
 * memory for each one's words, METRICS_PATIENCE_S for one that neither speaks
 * nor reads, and METRICS_LIMIT_S for a request and its answer.
 */
#ifndef METRICS_H
#define METRICS_H

#include <glib.h>

enum {
	METRICS_CLIENTS = 32,
	METRICS_PATIENCE_S = 5, /* Prometheus waits for 10 */
	METRICS_LIMIT_S = 15,
};

struct metrics;

/* Listens at LISTEN, which config_listen() must understand.  WRITE appends the
 * page. */
struct metrics *metrics_new(const char *listen,
			    void (*write)(GString *page, void *to), void *to,
			    GError **error);
void metrics_free(struct metrics *metrics);

#endif
