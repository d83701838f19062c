/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replayer.h - captures read as the program does, and the records of them.
 */
#ifndef REPLAYER_H
#define REPLAYER_H

#include <glib.h>

#include "replay.h"

#define REPLAYER_T0 (1700000000 * CLOCK_SECOND_NS + 123456000)

enum { REPLAYER_OCTETS = 100, REPLAYER_FILES = 2 };

struct replayer {
	char *dir;
	char *files[REPLAYER_FILES + 1];
	struct stats stats;
	struct replay *replay;
	GArray *records; /* of struct record */
	guint n_done, n_flushes;
};

/* Idle after 15 s, active after 60 s, a scan each second; SECOND may be NULL.
 * Frees what it writes to the files. */
struct replayer *replayer_new(uint32_t flows_max, GByteArray *first,
			      GByteArray *second);
void replayer_free(struct replayer *f);

/* To the end, where replayer_check_end() is called. */
void replayer_run(struct replayer *f);

/* What is true at the end of whatever was read: done, all in records. */
void replayer_check_end(struct replayer *f);

/* The Nth record of the flow from that port; NULL: there is none. */
const struct record *replayer_find(const struct replayer *f, uint16_t flow,
				   guint n);

/* It has so many packets of REPLAYER_OCTETS; times are after REPLAYER_T0. */
void replayer_check_record(const struct replayer *f, uint16_t flow, guint n,
			   guint packets, uint64_t start_ns, uint64_t end_ns,
			   enum end_reason end_reason);

#endif
