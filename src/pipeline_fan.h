/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipeline_fan.h - where the walk forks: to every exporter, or to one of a
 * group of them, and to standard output.
 *
 * Collectors come and go in two steps, so that what fails changes nothing: what
 * a configuration takes is made ready, and then put in place of what there was.
 * An exporter whose collector and template set stay what they are stays as it
 * is; the others get no more records and are given time to deliver what they
 * have.
 */
#ifndef PIPELINE_FAN_H
#define PIPELINE_FAN_H

#include "config.h"
#include "exporter.h"

struct fan;
struct fan_change;

struct fan_args {
	const char *const *template_dirs;
	struct exporter_sources sources;
	bool patient; /* see exporter_new() */
};

/* What is in ARGS is lent for the fan's life. */
struct fan *fan_new(const struct fan_args *args);
void fan_free(struct fan *fan);

/* All of CONFIG's collectors; NULL: with every complaint, one a line. */
struct fan_change *fan_prepare(struct fan *fan, const struct config *config,
			       GError **error);
void fan_change_free(struct fan_change *change);

/* Frees CHANGE. */
void fan_commit(struct fan *fan, struct fan_change *change);

/* One more sink. */
void fan_add(struct fan *fan, const struct sink *sink);

struct sink fan_sink(struct fan *fan);

/* Whether one of the exporters is. */
bool fan_any(const struct fan *fan, bool (*is)(struct exporter *exporter));

/* Whether one of those that get no more records is still there. */
bool fan_is_changing(const struct fan *fan);

/* Of METER is told from now on, by exporters that were not there before.  The
 * one of ARGS is the fan's then: it goes with the last that told of it. */
void fan_set_meter(struct fan *fan, const struct meter *meter);

/* Drops, and counts, all that is not delivered. */
void fan_give_up(struct fan *fan);

void fan_each(const struct fan *fan,
	      void (*each)(struct exporter *exporter, void *to), void *to);

/* How each of them stands. */
void fan_look(const struct fan *fan,
	      void (*each)(const struct exporter_state *state, void *to),
	      void *to);

#endif
