/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.h - the kernel programs: load, attach, read, detach.
 *
 * Owns the programs, their maps and their links.  The flow table is mapped:
 * tags to read and write, the rest to read.  All that is attached is gone with
 * probe_free(); what a killed process leaves behind, the next one replaces.
 */
#ifndef PROBE_H
#define PROBE_H

#include <glib.h>
#include <stdbool.h>

#include "clock.h"
#include "flowtable.h"
#include "iftable.h"

enum probe_method {
	PROBE_AUTO, /* TCX where the kernel has it (6.6), else clsact */
	PROBE_TCX,
	PROBE_TC,
};

struct probe;

struct probe_args {
	uint32_t max; /* flows in the table */
	bool precise; /* the clock is read for each packet */
	bool extremes;
	bool tcp_end; /* a SYN after FIN or RST begins a flow */
};

struct probe *probe_new(const struct probe_args *args, GError **error);
void probe_free(struct probe *probe);

/* Observes IFACE from now on: its ingress, its egress or both. */
bool probe_attach(struct probe *probe, const struct iface *iface, bool ingress,
		  bool egress, enum probe_method method, GError **error);
void probe_detach_all(struct probe *probe);

/* How interfaces were attached: "tcx", "tc", or "none". */
const char *probe_method_name(const struct probe *probe);

/* The kernel's table, lent for the probe's life. */
struct table *probe_table(struct probe *probe);

/* Now, on the table's clock too. */
struct instant probe_now(struct probe *probe);

/* The programs' counters, summed over all CPUs. */
void probe_counters(struct probe *probe, struct flow_counters *sum);

/* Returns when every program that runs now is over: 7 ms on an older kernel. */
void probe_grace(struct probe *probe);

/* The same beside the main loop, which then calls DONE. */
void probe_grace_begin(struct probe *probe, void (*done)(void *to), void *to);

#endif
