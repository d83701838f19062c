/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.h - the kernel programs: load and read; probe_hooks.h attaches them.
 *
 * Owns the programs and their maps.  The flow table is mapped: tags to read and
 * write, the rest to read.
 */
#ifndef PROBE_H
#define PROBE_H

#include <glib.h>
#include <stdbool.h>

#include "clock.h"
#include "flowtable.h"

struct probe;

struct probe_args {
	uint32_t max;	   /* flows in the table */
	bool precise;	   /* the clock is read for each packet */
	bool extremes;	   /* of packets are kept */
	bool tcp_end;	   /* a SYN after FIN or RST begins a flow */
	bool partitioned;  /* also where the kernel has compare-and-swap */
	uint32_t sampling; /* 1 packet in so many; 0 is 1 */
	bool consistent;   /* the same packets wherever they pass */
	uint32_t overflow; /* octets of ring buffer; 0: none */
};

struct probe *probe_new(const struct probe_args *args, GError **error);
void probe_free(struct probe *probe);

/* The descriptor of a program; L2: for packets that begin with an Ethernet
 * header. */
int probe_program(const struct probe *probe, bool ingress, bool l2);

/* The ring buffer of struct flow_packet; -1: there is none. */
int probe_overflow_fd(const struct probe *probe);

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
