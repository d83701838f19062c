/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exporter.h - one collector: an encoder, a transport and their timetable.
 *
 * The last stage of the walk.  Each has a queue of its own, so that none waits
 * for another.  Templates go out when the transport comes up, again soon after
 * (a collector may start a moment later than we do), and then by time and by
 * messages as the collector's settings say.
 */
#ifndef EXPORTER_H
#define EXPORTER_H

#include <glib.h>

#include "collector.h"
#include "iftable.h"
#include "meter.h"
#include "record.h"
#include "stats.h"
#include "template.h"
#include "transport.h"

struct exporter;

/* What options data is made of: all of it is lent. */
struct exporter_sources {
	const struct meter *meter;
	const struct iftable *iftable;
	const struct stats *(*stats)(void *to); /* as they are now */
	void *to;
};

/* COLLECTOR is lent for the exporter's life; TEMPLATE_DIRS only for the call.
 * PATIENT, as for captures: no record is dropped, but who pushes must wait
 * while it is pressed.
 * Fails on an unknown protocol, transport or template set and on a host that
 * does not resolve; the message begins with the collector's origin. */
struct exporter *exporter_new(const struct collector *collector,
			      uint32_t domain, const char *const *template_dirs,
			      bool patient, GError **error);
void exporter_free(struct exporter *exporter);

/* SOURCES is lent for the exporter's life: options data is sent from now on. */
void exporter_tell(struct exporter *exporter,
		   const struct exporter_sources *sources);

/* Whether its template set still is what TEMPLATE_DIRS have of that name. */
bool exporter_is_current(const struct exporter *exporter,
			 const char *const *template_dirs);

/* What exporter_new() would say, without opening a socket: for --test. */
bool exporter_check(const struct collector *collector, uint32_t domain,
		    const char *const *template_dirs, GError **error);

/* The names, separated by blanks, of elements of COLLECTOR's template set that
 * its protocol leaves out; NULL: none, or exporter_check() fails. */
char *exporter_left_out(const struct collector *collector, uint32_t domain,
			const char *const *template_dirs);

/* Whether this host has what it takes to reach COLLECTOR, whose transport must
 * be known; the message begins with its origin. */
bool exporter_supported(const struct collector *collector, GError **error);

/* Whether the collector is told of extremes: the table has to keep them. */
bool exporter_wants_extremes(struct exporter *exporter);

/* Whether records wait, or are not known to be delivered: stop when not. */
bool exporter_busy(struct exporter *exporter);

/* Whether records had better wait elsewhere: the queue is nearly full. */
bool exporter_pressed(struct exporter *exporter);

/* Whether the collector seems to be there. */
bool exporter_healthy(const struct exporter *exporter);

/* Drops, and counts, all that is not delivered. */
void exporter_give_up(struct exporter *exporter);

struct sink exporter_sink(struct exporter *exporter);

/* How it stands: what is pointed to is lent for the exporter's life. */
struct exporter_state {
	const struct collector *collector;
	uint16_t port; /* 0: there is none */
	const struct transport_stats *stats;
	const struct transport_state *transport;
	size_t n_waiting; /* records in its queue */
	size_t n_max;	  /* as many as it holds */
};

void exporter_look(const struct exporter *exporter,
		   struct exporter_state *state);
const struct transport_stats *exporter_stats(const struct exporter *exporter);
const struct collector *exporter_collector(const struct exporter *exporter);

#endif
