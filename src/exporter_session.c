/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"
#include "exporter_announce.h"
#include "exporter_session.h"
#include "log.h"
#include "loss.h"
#include "pace.h"
#include "queue.h"

#define PUT_MAX	 64  /* records that gather before they are sent */
#define SEND_MAX 256 /* messages at a stroke: a third of a millisecond */

struct session {
	struct session_args args;
	struct transport *transport;

	uint32_t mtu; /* of the path; 0: not known */
	struct queue *queue;
	struct loss *loss;
	struct pace pace;
	bool smooths;  /* bursts, while the queue has room */
	uint64_t sent; /* messages handed to the transport */
	bool filled;   /* the encoder holds records */
	guint later;   /* the source that goes on sending */

	unsigned n_up; /* transport sessions */
	bool in_burst; /* records came since flush() */
	struct announce *announce;
};

static bool
ready(const struct session *session)
{
	return pace_allows(&session->pace) &&
	       session->args.carry->ready(session->transport);
}

static void
send_message(struct session *session, const struct message *message)
{
	session->args.carry->send(session->transport, message);
	pace_spend(&session->pace);
	session->sent++;
}

static bool
send_one(struct session *session)
{
	struct message message;

	session->filled = session->args.encode->take(session->args.encoder,
						     clock_wall_ns(), &message);
	if (!session->filled)
		return false;
	send_message(session, &message);
	announce_sent(session->announce);
	return true;
}

/* What goes unasked and is due; false: not all that records must wait for could
 * be sent. */
static bool
send_announced(struct session *session)
{
	struct message message;

	while (announce_left(session->announce) && ready(session) &&
	       announce_take(session->announce, clock_wall_ns(), &message))
		send_message(session, &message);
	return !announce_pending(session->announce);
}

/* A record of the queue into a message, or, where it does not fit, the message
 * to the transport; false: that must wait. */
static bool
move_one(struct session *session, const struct record *record)
{
	if (session->args.encode->add(session->args.encoder, record)) {
		session->filled = true;
		queue_drop_first(session->queue);
		return true;
	}
	if (!ready(session))
		return false;
	send_one(session);
	announce_amid(session->announce);
	return true;
}

/* A path that takes less than a record is the transport's trouble. */
static void
follow_mtu(struct session *session)
{
	uint32_t mtu = session->args.carry->mtu
			       ? session->args.carry->mtu(session->transport)
			       : 0;
	g_autoptr(GError) error = NULL;

	if (mtu == 0 || mtu == session->mtu)
		return;
	session->mtu = mtu;
	if (!session->args.encode->limit(session->args.encoder, mtu, &error))
		log_warning("collector %s: %s", session->args.collector->name,
			    error->message);
}

/* Rather a burst that a collector may lose than records dropped here. */
static bool
nearly_full(const struct session *session)
{
	return queue_len(session->queue) > 7 * queue_room(session->queue);
}

/* As much of what waits as can go at a stroke.  No message is begun before it
 * is known how long it may be. */
static void
pump(struct session *session)
{
	uint64_t end = session->sent + SEND_MAX;
	const struct record *record;

	if (!session->args.carry->ready(session->transport))
		return;
	follow_mtu(session);
	session->pace.smooth = session->smooths && !nearly_full(session);
	pace_pass(&session->pace, clock_boot_ns(), queue_len(session->queue));
	do
		record = queue_first(session->queue);
	while (record && session->sent < end && send_announced(session) &&
	       move_one(session, record));
}

static gboolean on_later(gpointer data);

/* The rest, when its time has come; where it waits for room, on_room(). */
static void
go_on(struct session *session)
{
	if (!session->later && session->args.carry->ready(session->transport) &&
	    (session->filled || announce_left(session->announce) ||
	     queue_len(session->queue)))
		session->later = g_timeout_add(1, on_later, session);
}

/* Messages that are not full, too.  To a file, what a burst left is one more.
 */
static void
send_all(struct session *session)
{
	if (!session->in_burst && session->args.carry->reliable)
		announce_burst(session->announce);
	pump(session);
	while (queue_len(session->queue) == 0 && send_announced(session) &&
	       session->filled && ready(session))
		send_one(session);
	session->args.carry->flush(session->transport);
	go_on(session);
}

static gboolean
on_later(gpointer data)
{
	struct session *session = data;

	session->later = 0;
	send_all(session);
	return G_SOURCE_REMOVE;
}

static void
on_up(void *to, unsigned n_streams)
{
	struct session *session = to;

	if (session->n_up++ > 0)
		session->args.stats->reconnects++;
	session->args.encode->restart(session->args.encoder, n_streams);
	announce_up(session->announce);
}

static void
on_missed(void *to)
{
	struct session *session = to;

	announce_missed(session->announce);
}

/* For what waits, or is due. */
static void
on_room(void *to)
{
	send_all(to);
}

/* Its number goes unused, by which the collector knows (RFC 7011 10.2.2). */
static void
drop_oldest(struct session *session)
{
	const struct record *record = queue_first(session->queue);
	struct tally tally = { 0 };

	session->args.encode->skip(session->args.encoder, record);
	tally_record(&tally, record);
	transport_dropped(session->args.stats, &tally);
	queue_drop_first(session->queue);
}

void
session_tell(struct session *session, struct notices *notices)
{
	announce_tell(session->announce, notices);
}

void
session_push(struct session *session, const struct record *record)
{
	if (!session->in_burst)
		announce_burst(session->announce);
	session->in_burst = true;
	if (queue_full(session->queue)) {
		drop_oldest(session);
		loss_note(session->loss, 1);
	}
	queue_put(session->queue, record);
	if (queue_len(session->queue) % PUT_MAX == 0)
		pump(session);
}

void
session_flush(struct session *session)
{
	send_all(session);
	session->in_burst = false;
}

bool
session_busy(struct session *session)
{
	return session->filled || queue_len(session->queue) > 0 ||
	       session->args.carry->busy(session->transport);
}

/* One that overflows all the time is not worth waiting for. */
bool
session_pressed(const struct session *session)
{
	size_t len = queue_len(session->queue);

	if (session->args.patient)
		return len > 0;
	return len > 3 * queue_room(session->queue) &&
	       !loss_lasts(session->loss);
}

bool
session_healthy(const struct session *session)
{
	return session->args.carry->healthy(session->transport);
}

void
session_look(const struct session *session, size_t *n_waiting, size_t *room)
{
	*n_waiting = queue_len(session->queue);
	*room = queue_room(session->queue);
}

void
session_give_up(struct session *session)
{
	struct message message;

	session->args.carry->give_up(session->transport);
	while (session->args.encode->take(session->args.encoder,
					  clock_wall_ns(), &message))
		transport_dropped(session->args.stats, &message.tally);
	session->filled = false;
	while (queue_len(session->queue))
		drop_oldest(session);
}

static bool
connect_transport(struct session *session, GError **error)
{
	const struct collector *collector = session->args.collector;
	const struct transport_args args = {
		.collector = collector,
		.port = collector->port ?: session->args.encode->default_port,
		.up = on_up,
		.missed = on_missed,
		.room = on_room,
		.to = session,
		.stats = session->args.stats,
		.state = session->args.state,
		.patient = session->args.patient,
	};

	transport_set(&args, TRANSPORT_CONNECTING);
	session->transport = session->args.carry->new(&args, error);
	return session->transport;
}

struct session *
session_new(const struct session_args *args, GError **error)
{
	struct session *session = g_new0(struct session, 1);
	const struct collector *collector = args->collector;
	const struct announce_args announce = {
		.collector = collector,
		.encode = args->encode,
		.encoder = args->encoder,
		.reliable = args->carry->reliable,
		.hasty = args->patient || args->carry->reliable,
		.due = on_room,
		.to = session,
	};

	session->args = *args;
	session->announce = announce_new(&announce);
	session->queue = queue_new(collector->queue, args->patient, error);
	if (!session->queue || !connect_transport(session, error)) {
		session_free(session);
		return NULL;
	}
	session->loss = loss_new(collector->name);
	session->pace.rate = collector->rate;
	session->smooths = !args->patient && !args->carry->reliable;
	return session;
}

void
session_free(struct session *session)
{
	if (!session)
		return;
	announce_free(session->announce);
	g_clear_handle_id(&session->later, g_source_remove);
	if (session->transport)
		session->args.carry->free(session->transport);
	queue_free(session->queue);
	loss_free(session->loss);
	g_free(session);
}
