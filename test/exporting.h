/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exporting.h - an exporter of IPFIX over UDP, its collector, and records whose
 * octets tell their numbers.
 */
#ifndef EXPORTING_H
#define EXPORTING_H

#include "exporter.h"

#define EXPORTING_RECORD_LEN  12
#define EXPORTING_MTU	      200
#define EXPORTING_PER_MESSAGE ((EXPORTING_MTU - 20) / EXPORTING_RECORD_LEN)

struct exporting {
	int fd; /* the collector's */
	struct collector collector;
	struct exporter *exporter;
	struct sink sink;
	uint64_t pushed; /* what the next record counts */
	uint64_t seen;	 /* and what we expect to receive next */
};

void exporting_setup(struct exporting *f, uint64_t refresh_ms,
		     uint32_t refresh_packets);
void exporting_teardown(struct exporting *f);

/* So many records; and until they are sent. */
void exporting_push(struct exporting *f, unsigned n);
void exporting_push_flush(struct exporting *f, unsigned n);

/* The next message as a letter: Template, Data, or - when there is none. */
char exporting_receive(struct exporting *f);

/* EXPECTED is what comes, a letter a message. */
void exporting_expect(struct exporting *f, const char *expected);

#endif
