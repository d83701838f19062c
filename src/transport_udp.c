/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/socket.h>

#include "log.h"
#include "transport.h"
#include "transport_batch.h"
#include "transport_name.h"
#include "transport_udp_socket.h"

#define UDP_TRIES    3	     /* of a message; see cope() */
#define UDP_PAUSE_US 10000   /* when the kernel has no memory */
#define UDP_HOLD_US  1000000 /* when there is no way to the collector */
/* Bursts to end well before we believe it: ICMP comes late, and once a second
 * at most (icmp_ratelimit). */
#define UDP_QUIET    3
#define UDP_QUIET_US 3000000 /* and time to pass, for bursts may be many */

struct transport {
	struct transport_args args;
	struct udp_socket sock;
	struct name *name;
	GSource *watch;
	gpointer tag; /* of the socket in it; NULL: there is none */
	GIOCondition watched;

	int error; /* the log was told of; 0: all is well */
	int64_t error_us;
	unsigned quiet; /* bursts that ended since the last error */
	bool took;	/* the kernel took something of this burst */
	bool held;	/* nothing is sent for a while */

	struct batch *batch; /* messages not yet sent */
	unsigned tries;	     /* of the oldest */
};

static void
trouble(struct transport *t, int error)
{
	t->args.stats->send_errors++;
	t->quiet = 0;
	t->error_us = g_get_monotonic_time();
	t->args.missed(t->args.to);
	if (error != EMSGSIZE)
		transport_set(&t->args, TRANSPORT_DOWN);
	if (error == t->error)
		return;
	t->error = error;
	if (error == ECONNREFUSED)
		transport_warn(&t->args, error,
			       "connection refused by %s, still sending",
			       t->sock.peer);
	else if (error == EMSGSIZE)
		transport_warn(&t->args, error,
			       "messages are too long for the path to %s%s",
			       t->sock.peer,
			       t->args.collector->mtu ? ", lower its mtu" : "");
	else
		transport_warn(&t->args, error,
			       "cannot send to %s: %s, trying again",
			       t->sock.peer, g_strerror(error));
}

static void
taken(struct transport *t, int n)
{
	batch_taken(t->batch, n, t->args.stats);
	t->tries = 0;
	t->took = true;
}

static void
drop(struct transport *t, unsigned n)
{
	batch_drop(t->batch, n, t->args.stats);
	t->tries = 0;
}

static uint32_t
udp_mtu(const struct transport *t)
{
	return t->args.collector->mtu ? 0
				      : MIN(t->sock.mtu, COLLECTOR_AUTO_MTU);
}

static void
pause_for(struct transport *t, int64_t us)
{
	g_source_set_ready_time(t->watch, g_get_monotonic_time() + us);
}

/* There is no way now.  One may come: what is sent until then waits, but where
 * somebody waits for an end. */
static void
hold(struct transport *t)
{
	t->sock.connected = false;
	transport_set(&t->args, TRANSPORT_DOWN);
	if (t->args.patient) {
		drop(t, batch_len(t->batch));
		return;
	}
	t->held = true;
	pause_for(t, UDP_HOLD_US);
	name_look_up(t->name);
}

/* The oldest message failed; true: try again at once. */
static bool
cope(struct transport *t, int error)
{
	switch (error) {
	case EINTR:
		return true;
	case EAGAIN:
		return false;
	case ENOBUFS:
		pause_for(t, UDP_PAUSE_US);
		return false;
	}
	trouble(t, error);
	/* Told once, it may be the ICMP answer to an earlier message. */
	if (++t->tries < UDP_TRIES)
		return true;
	if (error == ECONNREFUSED)
		name_look_up(t->name);
	if (error == EMSGSIZE)
		udp_socket_connect(&t->sock); /* tells the path's mtu anew */
	if (error == EMSGSIZE || error == ECONNREFUSED) {
		drop(t, 1);
		return true;
	}
	hold(t);
	return false;
}

static void
watch(struct transport *t, GIOCondition condition)
{
	if (!t->tag || condition == t->watched)
		return;
	t->watched = condition;
	g_source_modify_unix_fd(t->watch, t->tag, condition);
}

/* Where messages are left, the loop goes on with them. */
static void
transmit(struct transport *t)
{
	bool again = true;
	int n, error = 0;

	if (batch_len(t->batch) > 0 && !t->sock.connected &&
	    !udp_socket_connect(&t->sock)) {
		trouble(t, errno);
		hold(t);
	}
	while (batch_len(t->batch) > 0 && again && !t->held) {
		n = batch_send(t->batch, t->sock.fd);
		error = errno;
		if (n > 0)
			taken(t, n);
		else
			again = cope(t, error);
	}
	watch(t, batch_len(t->batch) > 0 && error == EAGAIN
			 ? G_IO_ERR | G_IO_OUT
			 : G_IO_ERR);
}

static bool
udp_ready(const struct transport *t)
{
	return t->sock.fd >= 0 && batch_len(t->batch) < BATCH_SIZE && !t->held;
}

static gboolean
on_socket(GSource *source, GSourceFunc callback, gpointer data)
{
	struct transport *t = data;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)callback;
	g_source_set_ready_time(source, -1);
	if (t->sock.fd < 0) {
		hold(t);
		return G_SOURCE_CONTINUE;
	}
	getsockopt(t->sock.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error) {
		trouble(t, error);
		name_look_up(t->name);
	}
	t->held = false;
	transmit(t);
	if (udp_ready(t))
		t->args.room(t->args.to);
	return G_SOURCE_CONTINUE;
}

/* Before others: who sends next should know what became of the last burst. */
static void
watch_new(struct transport *t)
{
	static GSourceFuncs funcs = { .dispatch = on_socket };

	t->watch = g_source_new(&funcs, sizeof(GSource));
	g_source_set_callback(t->watch, NULL, t, NULL);
	g_source_set_priority(t->watch, G_PRIORITY_HIGH);
	g_source_attach(t->watch, NULL);
}

static void
udp_send(struct transport *t, const struct message *message)
{
	batch_put(t->batch, message);
	if (batch_len(t->batch) == BATCH_SIZE)
		transmit(t);
}

static void
udp_flush(struct transport *t)
{
	if (!t->held)
		transmit(t);
	if (t->took && ++t->quiet >= UDP_QUIET && t->error &&
	    g_get_monotonic_time() - t->error_us >= UDP_QUIET_US) {
		log_info("collector %s: no more errors from %s",
			 t->args.collector->name, t->sock.peer);
		t->error = 0;
		transport_set(&t->args, TRANSPORT_UP);
	}
	t->took = false;
}

static bool
udp_busy(struct transport *t)
{
	return batch_len(t->batch) > 0;
}

/* That a message is too long says nothing of the collector. */
static bool
udp_healthy(const struct transport *t)
{
	return t->sock.fd >= 0 && (t->error == 0 || t->error == EMSGSIZE ||
				   !transport_doubts(t->error_us));
}

static void
udp_give_up(struct transport *t)
{
	drop(t, batch_len(t->batch));
}

/* From what is left of an old socket, if there is one, to a new one. */
static bool
open_any(struct transport *t, const GArray *addresses, GError **error)
{
	if (t->tag)
		g_source_remove_unix_fd(t->watch, t->tag);
	t->tag = NULL;
	udp_socket_close(&t->sock);
	if (!udp_socket_open(&t->sock, addresses, t->args.collector->source,
			     error))
		return false;
	t->watched = G_IO_ERR;
	t->tag = g_source_add_unix_fd(t->watch, t->sock.fd, t->watched);
	if (!t->error)
		transport_set(&t->args, TRANSPORT_UP);
	return true;
}

static void
udp_free(struct transport *t)
{
	if (!t)
		return;
	name_free(t->name);
	if (t->watch)
		g_source_destroy(t->watch);
	g_clear_pointer(&t->watch, g_source_unref);
	udp_socket_close(&t->sock);
	batch_free(t->batch);
	g_free(t->sock.peer);
	g_free(t);
}

/* Where it sends to already is kept for as long as the name has it. */
static void
on_found(void *to, const GArray *addresses)
{
	struct transport *t = to;
	g_autoptr(GError) error = NULL;

	if (!addresses && t->sock.fd < 0)
		hold(t);
	if (!addresses || udp_socket_is_to(&t->sock, addresses))
		return;
	if (!open_any(t, addresses, &error)) {
		transport_warn(&t->args, 0, "%s, trying again", error->message);
		hold(t);
		return;
	}
	log_info("collector %s: sending to %s", t->args.collector->name,
		 t->sock.peer);
	t->args.missed(t->args.to);
	pause_for(t, 0);
}

static bool
begin(struct transport *t, GError **error)
{
	const GArray *addresses;

	if (!(t->name = name_new(&t->args, on_found, t, error)))
		return false;
	addresses = name_addresses(t->name);
	return addresses ? open_any(t, addresses, error)
			 : name_look_up(t->name);
}

static struct transport *
udp_new(const struct transport_args *args, GError **error)
{
	struct transport *t = g_new0(struct transport, 1);

	t->args = *args;
	t->sock.fd = -1;
	watch_new(t);
	t->batch = batch_new(collector_mtu(args->collector));
	if (begin(t, error))
		return t;
	udp_free(t);
	return NULL;
}

const struct transport_ops transport_udp = {
	.name = "udp",
	.new = udp_new,
	.free = udp_free,
	.mtu = udp_mtu,
	.ready = udp_ready,
	.send = udp_send,
	.flush = udp_flush,
	.busy = udp_busy,
	.healthy = udp_healthy,
	.give_up = udp_give_up,
};
