/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pipeline_fan.h - where the walk forks: to every exporter, or to one of a
 * group of them, and to standard output.
 */
#ifndef PIPELINE_FAN_H
#define PIPELINE_FAN_H

#include "config.h"
#include "exporter.h"

struct fan;

struct fan *fan_new(void);
void fan_free(struct fan *fan);

/* All of CONFIG's collectors, see exporter_new(); it is lent, as SOURCES is,
 * for the fan's life. */
bool fan_add_collectors(struct fan *fan, const struct config *config,
			const char *const *template_dirs,
			const struct exporter_sources *sources, bool patient,
			GError **error);

/* One more sink. */
void fan_add(struct fan *fan, const struct sink *sink);

struct sink fan_sink(struct fan *fan);

/* Whether one of the exporters is. */
bool fan_any(const struct fan *fan, bool (*is)(struct exporter *exporter));

void fan_each(const struct fan *fan,
	      void (*each)(struct exporter *exporter, void *to), void *to);

/* How each of them stands. */
void fan_look(const struct fan *fan,
	      void (*each)(const struct exporter_state *state, void *to),
	      void *to);

#endif
