/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcapread.h - a source of captures and the table that it fills, for its tests.
 */
#ifndef PCAPREAD_H
#define PCAPREAD_H

#include <glib.h>

#include "source_pcap.h"

#define PCAPREAD_T0 (1700000000 * CLOCK_SECOND_NS)

enum { PCAPREAD_MAX = 4 };

struct pcapread {
	char *dir;
	const char *files[PCAPREAD_MAX + 1]; /* what the source is told */
	char *paths[PCAPREAD_MAX];	     /* those that we wrote */
	guint n_files;
	struct table *table;
	struct flow_counters counters;
	struct source_pcap *source; /* NULL: not opened */
};

/* MAX: flows of the table. */
struct pcapread *pcapread_new(uint32_t max);
void pcapread_free(struct pcapread *f);

/* Writes OCTETS, which it frees, to a file that will be read; its path. */
const char *pcapread_add(struct pcapread *f, GByteArray *octets);

/* Makes the source: no more files then. */
void pcapread_open(struct pcapread *f);

/* Opens where that was not done, and reads all; the table has room. */
void pcapread_all(struct pcapread *f);

/* What the one flow from PORT has; times are those after PCAPREAD_T0. */
void pcapread_check_flow(const struct pcapread *f, uint16_t port,
			 uint32_t packets, uint64_t octets, uint64_t first_ns,
			 uint64_t last_ns);

/* Each packet seen is one of these PACKETS, or in the table, or in a counter;
 * octets likewise. */
void pcapread_check_sums(const struct pcapread *f, uint64_t packets,
			 uint64_t octets);

#endif
