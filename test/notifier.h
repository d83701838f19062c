/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notifier.h - what an exporter tells beside records, of IPFIX, without the
 * exporter: its notices, and the timetable that announces them.
 */
#ifndef NOTIFIER_H
#define NOTIFIER_H

#include "clock.h"
#include "exporter_announce.h"
#include "exporter_notices.h"

#define NOTIFIER_WALL_NS (0x65545fffULL * CLOCK_SECOND_NS)

struct notifier {
	struct template_set *set;
	struct encoder *encoder;
	struct iftable *iftable;
	struct stats stats;
	struct transport_stats sent;
	struct collector collector;
	struct exporter_sources sources;
	struct notices *notices;
	struct announce *announce;
	GMainLoop *loop; /* quits when something is due */
};

/* TABLES as a template set's options has them; its only family is IPv6. */
void notifier_setup(struct notifier *f, const char *tables, uint64_t refresh_ms,
		    bool reliable);
void notifier_teardown(struct notifier *f);

/* Adds an interface that is there since boot. */
void notifier_iface(struct notifier *f, uint32_t index, const char *name,
		    const char *alias);

#endif
