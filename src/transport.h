/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport.h - messages to the wire.  One transport_*.c each.
 *
 * A transport owns its socket, never blocks the loop and never fails for good:
 * trouble is a counter, and a line in the log when the state changes.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <glib.h>
#include <stdbool.h>

#include "collector.h"
#include "message.h"

struct transport;

/* Counters of one collector; they only grow. */
struct transport_stats {
	uint64_t messages_sent;
	uint64_t octets_sent;	   /* of transport payload */
	uint64_t records_exported; /* in messages that the kernel took */
	uint64_t records_dropped;  /* in messages that it did not take */
	uint64_t packets_dropped;  /* in those records */
	uint64_t octets_dropped;
	uint64_t records_skipped; /* their template set has no such family */
	uint64_t send_errors;
};

static inline void
transport_dropped(struct transport_stats *stats, const struct tally *tally)
{
	stats->records_dropped += tally->records;
	stats->packets_dropped += tally->packets;
	stats->octets_dropped += tally->octets;
}

struct transport_args {
	const struct collector *collector; /* lent for the transport's life */
	uint16_t port;			   /* never 0 */
	/* A session begins, or the collector may have missed something: send
	 * templates before the next burst.  Called from send(), flush() and the
	 * loop, never from new(); must not call send(), whose message is lent
	 * by the encoder that would be asked. */
	void (*up)(void *to);
	void *to;
	struct transport_stats *stats; /* lent for the transport's life */
	bool patient; /* captures are read: rather block than drop */
};

struct transport_ops {
	const char *name;
	bool reliable; /* templates need no refresh */

	struct transport *(*new)(const struct transport_args *args,
				 GError **error);
	void (*free)(struct transport *transport);

	/* Sends MESSAGE or holds a copy of it until flush(). */
	void (*send)(struct transport *transport,
		     const struct message *message);

	/* The burst is over: nothing is held back any longer. */
	void (*flush)(struct transport *transport);

	/* Whether messages wait until the socket takes more. */
	bool (*busy)(const struct transport *transport);
};

extern const struct transport_ops transport_udp;
extern const struct transport_ops transport_file;

/* The registry: the transport of that name, or NULL with the known names in
 * *ERROR. */
const struct transport_ops *transport_find(const char *name, GError **error);

#endif
