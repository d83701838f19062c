/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"
#include "transport.h"
#include "transport_flight.h"
#include "transport_zmq_socket.h"

#define TOPIC	  "flow" /* who wants these is a subscriber */
#define LINGER_MS 500	 /* for what libzmq took and the kernel has not */
#define LOOK_MS	  20	 /* while something is in its hands */
#define DOUBT_US  (2 * G_USEC_PER_SEC)

struct transport {
	struct transport_args args;
	struct pub *pub;
	unsigned n_subscribers;
	struct flight *flight; /* what libzmq has taken */
	size_t n_octets;       /* of it, ever */

	/* A message that libzmq had no room for. */
	GByteArray *held;
	struct message waits;
	bool full;

	int64_t doubt_us; /* a connection was lost then; 0: none was */
	bool given_up;
	guint timer; /* looks what became of the flight */
};

/* Of messages done with, we cannot tell whether they were sent or went with
 * their connection: the end of one is known before that of its messages, and
 * that of its subscriptions soon after. */
static void
settle(struct transport *t)
{
	int64_t now_us = g_get_monotonic_time();

	if (pub_look_lost(t->pub))
		t->doubt_us = now_us;
	if (t->doubt_us && now_us - t->doubt_us < DOUBT_US)
		return;
	t->doubt_us = 0;
	flight_settle(t->flight, t->n_octets - pub_n_done(t->pub));
}

static void
note_left(struct transport *t, unsigned n)
{
	flight_lose(t->flight);
	t->doubt_us = 0;
	t->n_subscribers -= MIN(n, t->n_subscribers);
	if (t->n_subscribers)
		return;
	transport_set(&t->args, TRANSPORT_DOWN);
	transport_warn(&t->args, 0, "no longer subscribed, records wait");
}

static void
note_came(struct transport *t, unsigned n)
{
	t->n_subscribers += n;
	log_info("collector %s: subscribed", t->args.collector->name);
	transport_set(&t->args, TRANSPORT_UP);
	t->args.up(t->args.to, 1);
}

/* First what became of messages: their connection's end, if it was that, is
 * acknowledged in pub_look(), and not before. */
static void
look(struct transport *t)
{
	struct pub_change change;

	settle(t);
	change = pub_look(t->pub, TOPIC);
	if (change.left)
		note_left(t, change.left);
	if (change.came)
		note_came(t, change.came);
}

static void
offer(struct transport *t, const struct message *message)
{
	switch (pub_send(t->pub, message->data, message->head, message->len)) {
	case PUB_SENT:
		flight_add(t->flight, message);
		t->n_octets += message->len;
		t->full = false;
		break;
	case PUB_FULL:
		t->full = true;
		break;
	case PUB_FAILED:
		t->args.stats->send_errors++;
		transport_dropped(t->args.stats, &message->tally);
		t->full = false;
	}
}

/* To nobody it would seem to be sent. */
static void
offer_again(struct transport *t)
{
	if (!t->full || !t->n_subscribers)
		return;
	t->waits.data = t->held->data;
	offer(t, &t->waits);
}

static bool
zmq_ready(const struct transport *t)
{
	return t->n_subscribers > 0 && !t->full;
}

static void
on_happened(void *to)
{
	struct transport *t = to;
	bool was_ready = zmq_ready(t);

	look(t);
	offer_again(t);
	if (zmq_ready(t) && !was_ready)
		t->args.room(t->args.to);
}

static gboolean
on_timer(gpointer data)
{
	struct transport *t = data;

	on_happened(t);
	if (!flight_is_empty(t->flight))
		return G_SOURCE_CONTINUE;
	t->timer = 0;
	return G_SOURCE_REMOVE;
}

static void
zmq_send_message(struct transport *t, const struct message *message)
{
	offer(t, message);
	if (!t->full)
		return;
	g_byte_array_set_size(t->held, 0);
	g_byte_array_append(t->held, message->data, message->len);
	t->waits = *message;
}

static void
zmq_flush(struct transport *t)
{
	look(t);
	offer_again(t);
	if (!flight_is_empty(t->flight) && !t->timer)
		t->timer = g_timeout_add(LOOK_MS, on_timer, t);
}

static bool
zmq_busy(struct transport *t)
{
	zmq_flush(t);
	return t->full || !flight_is_empty(t->flight);
}

static bool
zmq_healthy(const struct transport *t)
{
	return t->n_subscribers > 0;
}

static void
zmq_give_up(struct transport *t)
{
	look(t);
	flight_lose(t->flight);
	if (t->full)
		transport_dropped(t->args.stats, &t->waits.tally);
	t->full = false;
	t->given_up = true;
}

static void
zmq_free(struct transport *t)
{
	if (!t)
		return;
	g_clear_handle_id(&t->timer, g_source_remove);
	pub_free(t->pub, t->given_up ? 0 : LINGER_MS);
	flight_free(t->flight);
	g_byte_array_unref(t->held);
	g_free(t);
}

static struct transport *
zmq_new(const struct transport_args *args, GError **error)
{
	struct transport *t = g_new0(struct transport, 1);

	t->args = *args;
	t->flight = flight_new(args->stats);
	t->held = g_byte_array_new();
	t->pub = pub_new(&t->args, on_happened, t, error);
	if (t->pub)
		return t;
	zmq_free(t);
	return NULL;
}

const struct transport_ops transport_zmq = {
	.name = "zmq",
	.reliable = true,
	.frames = true,
	.new = zmq_new,
	.free = zmq_free,
	.ready = zmq_ready,
	.send = zmq_send_message,
	.flush = zmq_flush,
	.busy = zmq_busy,
	.healthy = zmq_healthy,
	.give_up = zmq_give_up,
};
