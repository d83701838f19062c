/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_text.h - values in Prometheus' text format, version 0.0.4.
 *
 * A family is begun, then come its samples: the format wants them together.
 */
#ifndef METRICS_TEXT_H
#define METRICS_TEXT_H

#include <glib.h>
#include <stdint.h>

struct metrics_text {
	GString *out;
	char family[64]; /* its name as the samples have it */
};

/* What only grows, and what goes up and down. */
enum metrics_type { METRICS_COUNTER, METRICS_GAUGE };

/* NAME is whole: with its prefix, its unit and, of counters, "_total". */
void metrics_family(struct metrics_text *text, const char *name,
		    enum metrics_type type, const char *help);

/* A value of the family, with labels: names and values in turn, then NULL. */
void metrics_integer(struct metrics_text *text, uint64_t value,
		     ...) G_GNUC_NULL_TERMINATED;
void metrics_real(struct metrics_text *text, double value,
		  ...) G_GNUC_NULL_TERMINATED;

#endif
