/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_pcap.h - packets from capture files, into a flow table of our own.
 *
 * Takes the kernel's place in the walk: the same parse.h and table.h, run here.
 * Time is the packets': who reads tells up to which instant, and scans then.
 * Files are read one after the other, "-" is standard input; pcap and pcapng of
 * Ethernet, Linux cooked, raw IP, loopback and PPP captures.
 */
#ifndef SOURCE_PCAP_H
#define SOURCE_PCAP_H

#include <glib.h>
#include <stdbool.h>

#include "clock.h"
#include "flowtable.h"

/* Ticks of the table: exact for the usual capture, in microseconds. */
#define SOURCE_TICK_NS 1000

struct source_pcap;

enum source_state {
	SOURCE_MORE, /* read on */
	SOURCE_DUE,  /* the next packet is at UNTIL_NS or later: scan */
	SOURCE_BACK, /* it is long before the latest: end all, begin anew */
	SOURCE_FULL, /* the next packet finds no room: end some flows */
	SOURCE_END,
};

/* FILES is NULL-terminated and lent, TABLE lent, COUNTERS too. */
struct source_pcap *source_pcap_new(const char *const *files,
				    struct table *table,
				    struct flow_counters *counters);
void source_pcap_free(struct source_pcap *source);

/* Accounts some thousand packets at most, and none at or after UNTIL_NS. */
enum source_state source_pcap_read(struct source_pcap *source,
				   uint64_t until_ns);

/* Time of the latest packet accounted (since time went back), and of the one
 * that comes next (0: none was read yet); since the epoch. */
uint64_t source_pcap_last_ns(const struct source_pcap *source);
uint64_t source_pcap_next_ns(const struct source_pcap *source);

/* What was wrong with files, one a line: each was used up to there.  NULL: all
 * were read to their ends. */
const char *source_pcap_complaints(const struct source_pcap *source);

/* Octets of the files read so far and in all (0: not known). */
uint64_t source_pcap_done(const struct source_pcap *source);
uint64_t source_pcap_size(const struct source_pcap *source);

#endif
