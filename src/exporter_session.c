/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"
#include "exporter_session.h"
#include "loss.h"
#include "pace.h"
#include "queue.h"
#include "timetable.h"

#define PUT_MAX	 64  /* records that gather before they are sent */
#define SEND_MAX 256 /* messages at a stroke: a third of a millisecond */
#define NONE	 -1

struct session {
	const struct collector *collector;
	const struct encoder_ops *encode;
	struct encoder *encoder;
	const struct transport_ops *carry;
	struct transport *transport;
	struct transport_stats *stats;
	bool patient;

	struct queue *queue;
	struct loss *loss;
	struct pace pace;
	uint64_t sent; /* messages handed to the transport */
	bool filled;   /* the encoder holds records */
	guint later;   /* the source that goes on sending */

	unsigned n_up;	   /* transport sessions */
	bool missed;	   /* the collector may lack templates */
	int announcing;	   /* the next message of templates, or NONE */
	bool in_burst;	   /* records came since flush() */
	uint32_t messages; /* since templates went out */
	struct timetable *timetable; /* NULL: they do not get lost */
};

static bool
ready(const struct session *session)
{
	return pace_allows(&session->pace) &&
	       session->carry->ready(session->transport);
}

static void
send_message(struct session *session, const struct message *message)
{
	session->carry->send(session->transport, message);
	pace_spend(&session->pace);
	session->sent++;
	session->messages++;
}

static bool
send_one(struct session *session)
{
	struct message message;

	session->filled = session->encode->take(session->encoder,
						clock_wall_ns(), &message);
	if (session->filled)
		send_message(session, &message);
	return session->filled;
}

static void
announce(struct session *session)
{
	session->missed = false;
	session->announcing = 0;
}

/* Templates that are due; false: not all could be sent. */
static bool
send_templates(struct session *session)
{
	struct message message;

	while (session->announcing != NONE && ready(session)) {
		if (session->encode->announce(session->encoder,
					      session->announcing++,
					      clock_wall_ns(), &message)) {
			send_message(session, &message);
			continue;
		}
		session->announcing = NONE;
		session->messages = 0;
	}
	return session->announcing == NONE;
}

static bool
enough_messages(const struct session *session)
{
	uint32_t limit = session->collector->template_refresh_packets;

	return limit && session->messages >= limit && !session->carry->reliable;
}

/* A record of the queue into a message, or, where it does not fit, the message
 * to the transport; false: that must wait. */
static bool
move_one(struct session *session, const struct record *record)
{
	if (session->encode->add(session->encoder, record)) {
		session->filled = true;
		queue_drop_first(session->queue);
		return true;
	}
	if (!ready(session))
		return false;
	send_one(session);
	if (enough_messages(session))
		announce(session);
	return true;
}

/* As much of what waits as can go at a stroke. */
static void
pump(struct session *session)
{
	uint64_t end = session->sent + SEND_MAX;
	const struct record *record;

	pace_pass(&session->pace, clock_boot_ns(), queue_len(session->queue));
	do
		record = queue_first(session->queue);
	while (record && session->sent < end && send_templates(session) &&
	       move_one(session, record));
}

static gboolean on_later(gpointer data);

/* The rest, when its time has come; where it waits for room, on_room(). */
static void
go_on(struct session *session)
{
	if (!session->later && session->carry->ready(session->transport) &&
	    (session->filled || session->announcing != NONE ||
	     queue_len(session->queue)))
		session->later = g_timeout_add(1, on_later, session);
}

/* Messages that are not full, too. */
static void
send_all(struct session *session)
{
	pump(session);
	while (queue_len(session->queue) == 0 && send_templates(session) &&
	       session->filled && ready(session))
		send_one(session);
	session->carry->flush(session->transport);
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
on_due(void *to)
{
	struct session *session = to;

	announce(session);
	send_all(session);
}

static void
on_up(void *to, unsigned n_streams)
{
	struct session *session = to;

	if (session->n_up++ > 0)
		session->stats->reconnects++;
	session->encode->restart(session->encoder, n_streams);
	announce(session);
}

/* Only so often does the collector's host tell that nobody listens: its last
 * refusal may go unseen, so the early announcements are made again. */
static void
on_missed(void *to)
{
	struct session *session = to;

	session->missed = true;
	if (session->timetable)
		timetable_again(session->timetable);
	else
		announce(session);
}

static void
on_room(void *to)
{
	send_all(to);
}

/* Not amid a burst: where every message fails, templates would go out with
 * each record. */
static void
begin_burst(struct session *session)
{
	session->in_burst = true;
	if (session->missed || enough_messages(session))
		announce(session);
}

/* Its number goes unused, by which the collector knows (RFC 7011 10.2.2). */
static void
drop_oldest(struct session *session)
{
	const struct record *record = queue_first(session->queue);
	struct tally tally = { 0 };

	session->encode->skip(session->encoder, record);
	tally_record(&tally, record);
	transport_dropped(session->stats, &tally);
	queue_drop_first(session->queue);
}

void
session_push(struct session *session, const struct record *record)
{
	if (!session->in_burst)
		begin_burst(session);
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
	       session->carry->busy(session->transport);
}

/* One that overflows all the time is not worth waiting for. */
bool
session_pressed(const struct session *session)
{
	size_t len = queue_len(session->queue);

	if (session->patient)
		return len > 0;
	return len > 3 * queue_room(session->queue) &&
	       !loss_lasts(session->loss);
}

bool
session_healthy(const struct session *session)
{
	return session->carry->healthy(session->transport);
}

void
session_give_up(struct session *session)
{
	struct message message;

	session->carry->give_up(session->transport);
	while (session->encode->take(session->encoder, clock_wall_ns(),
				     &message))
		transport_dropped(session->stats, &message.tally);
	session->filled = false;
	while (queue_len(session->queue))
		drop_oldest(session);
}

static bool
connect_transport(struct session *session, GError **error)
{
	const struct collector *collector = session->collector;
	const struct transport_args args = {
		.collector = collector,
		.port = collector->port ?: session->encode->default_port,
		.up = on_up,
		.missed = on_missed,
		.room = on_room,
		.to = session,
		.stats = session->stats,
		.patient = session->patient,
	};

	session->transport = session->carry->new(&args, error);
	return session->transport;
}

struct session *
session_new(const struct session_args *args, GError **error)
{
	struct session *session = g_new0(struct session, 1);
	const struct collector *collector = args->collector;

	session->collector = collector;
	session->encode = args->encode;
	session->encoder = args->encoder;
	session->carry = args->carry;
	session->stats = args->stats;
	session->patient = args->patient;
	session->missed = true;
	session->announcing = NONE;
	if (!connect_transport(session, error)) {
		session_free(session);
		return NULL;
	}
	session->queue = queue_new(collector->queue, args->patient);
	session->loss = loss_new(collector->name);
	session->pace.rate = collector->rate;
	session->pace.smooth = !args->patient && !args->carry->reliable;
	if (!args->carry->reliable)
		session->timetable = timetable_new(
			collector->template_refresh_ns, on_due, session);
	return session;
}

void
session_free(struct session *session)
{
	if (!session)
		return;
	timetable_free(session->timetable);
	g_clear_handle_id(&session->later, g_source_remove);
	if (session->transport)
		session->carry->free(session->transport);
	queue_free(session->queue);
	loss_free(session->loss);
	g_free(session);
}
