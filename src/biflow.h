/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * biflow.h - both directions of a flow in one record (RFC 5103).
 *
 * Before the queue of an exporter whose collector wants it so.  A record waits
 * up to BIFLOW_HOLD_NS for that of the other direction: the same protocol,
 * addresses and ports the other way round, at whatever interface; so one flow
 * must be reported once, see dedupe.h.  What is not met goes on as it came, as
 * do ICMP, what has no ports and what is marked as a duplicate.
 *
 * The source is who was first seen to send, and is so for as long as the two
 * are reported: it is remembered for BIFLOW_MEMORY_NS after the last report.
 * Who of two began in the same nanosecond is told by their addresses, and that
 * this was arbitrary.
 *
 * Time is the latest end of a record; live, it is that since boot, which nobody
 * sets back.  Takes some 400 octets for each of at most MAX pairs; when there
 * are more, the one that was quiet for longest is forgotten, and what it holds
 * goes on.
 */
#ifndef BIFLOW_H
#define BIFLOW_H

#include <stdint.h>

#include "record.h"

#define BIFLOW_HOLD_NS	 3000000000ULL
#define BIFLOW_MEMORY_NS 300000000000ULL

enum { BIFLOW_MAX = 65536 };

struct biflow;

/* JOINED counts the records that went into others.  LIVE: time passes between
 * records, too. */
struct biflow *biflow_new(uint32_t max, bool live, const struct sink *sink,
			  uint64_t *joined);
void biflow_free(struct biflow *biflow);

struct sink biflow_sink(struct biflow *biflow);

/* No more records come: what waits goes on. */
void biflow_release(struct biflow *biflow);

#endif
