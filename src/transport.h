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
#include "transport_state.h"

struct transport;

/* Without a connection, a collector is down for so long after an error unless
 * it turns out not to be: nobody may be sending to it meanwhile. */
#define TRANSPORT_DOUBT_US 60000000

static inline bool
transport_doubts(int64_t error_us)
{
	return g_get_monotonic_time() - error_us <= TRANSPORT_DOUBT_US;
}

/* Counters of one collector; they only grow. */
#define TRANSPORT_COUNTERS(X)                                                  \
	X(messages_sent, "messages delivered, as far as we can tell")          \
	X(octets_sent, "octets of those messages, of transport payload")       \
	X(records_exported, "records delivered, as far as we can tell")        \
	X(records_dropped, "records lost: a full queue, a connection's end")   \
	X(packets_dropped, "packets in records lost")                          \
	X(octets_dropped, "layer 3 octets in records lost")                    \
	X(records_skipped, "records of a family that the templates lack")      \
	X(records_joined, "records that went out in another direction's")      \
	X(send_errors, "attempts to send that failed")                         \
	X(reconnects, "sessions after the first")

struct transport_stats {
#define X(name, help) uint64_t name;
	TRANSPORT_COUNTERS(X)
#undef X
};

void transport_stats_each(const struct transport_stats *stats,
			  void (*each)(const char *name, uint64_t value,
				       const char *help, void *to),
			  void *to);

static inline void
transport_dropped(struct transport_stats *stats, const struct tally *tally)
{
	stats->records_dropped += tally->records;
	stats->packets_dropped += tally->packets;
	stats->octets_dropped += tally->octets;
}

/* To the log, as WHO NAME's. */
void transport_log(const char *who, const char *name,
		   const struct transport_stats *stats);

/*
 * The three calls come from send(), flush() and the loop, never from new().
 * up() and missed() must not call send(), whose message is lent by the encoder
 * that would be asked.
 */
struct transport_args {
	const struct collector *collector; /* lent for the transport's life */
	uint16_t port;			   /* never 0 */
	/* A session begins, of so many streams in our direction: nothing that
	 * was sent before counts in it.  Never where there are none, as over
	 * UDP. */
	void (*up)(void *to, unsigned n_streams);
	/* The collector may have missed something: send templates before the
	 * next burst. */
	void (*missed)(void *to);
	/* It is ready() again; sending is welcome. */
	void (*room)(void *to);
	void *to;
	struct transport_stats *stats; /* lent for the transport's life */
	struct transport_state *state; /* the same; NULL: nobody asks */
	bool patient; /* captures are read: somebody waits for an end */
};

struct transport_ops {
	const char *name;
	bool reliable; /* templates need no refresh */
	bool frames;   /* messages that begin with one, and no others */

	/* Whether this host has it; NULL: every one does. */
	bool (*supported)(GError **error);

	struct transport *(*new)(const struct transport_args *args,
				 GError **error);
	void (*free)(struct transport *transport);

	/* Octets of the longest message that the path takes, as far as is known
	 * now; 0: as many as the user says.  NULL: always so. */
	uint32_t (*mtu)(const struct transport *transport);

	/* Whether it takes a message now; if not, it calls room() once it
	 * does. */
	bool (*ready)(const struct transport *transport);

	/* Sends MESSAGE or holds a copy of it until flush(). */
	void (*send)(struct transport *transport,
		     const struct message *message);

	/* The burst is over: nothing is held back any longer. */
	void (*flush)(struct transport *transport);

	/* Whether messages are not yet in the kernel's hands, or, where it
	 * tells, in the collector's. */
	bool (*busy)(struct transport *transport);

	/* Whether the collector seems to be there. */
	bool (*healthy)(const struct transport *transport);

	/* We stop: what is not delivered yet is dropped, and counted. */
	void (*give_up)(struct transport *transport);
};

extern const struct transport_ops transport_udp;
extern const struct transport_ops transport_tcp;
extern const struct transport_ops transport_sctp;
extern const struct transport_ops transport_file;
extern const struct transport_ops transport_zmq;

/* It came to PHASE, if it was not there before. */
void transport_set(const struct transport_args *args,
		   enum transport_phase phase);

/* Trouble, with its errno or 0: a line in the log, and the last of its state.
 */
void transport_warn(const struct transport_args *args, int error,
		    const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The registry: the transport of that name, or NULL with the known names in
 * *ERROR. */
const struct transport_ops *transport_find(const char *name, GError **error);

#endif
