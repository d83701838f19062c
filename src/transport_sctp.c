/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <string.h>
#include <unistd.h>

#include "transport.h"
#include "transport_connection.h"
#include "transport_flight.h"
#include "transport_sctp_count.h"

#define SCTP_STREAMS 16 /* that we ask for: more than there are templates */
#define SCTP_SNDBUF  (1 << 20)

struct transport {
	struct transport_args args;
	struct connection *connection;
	struct flight *flight;

	/* Of this association, what the flight has been told. */
	uint64_t n_arrived;
	uint64_t n_given_up; /* after they were sent */

	/* The one that found no room. */
	bool holding;
	struct message held;
	uint8_t *octets; /* its own, mtu of them */
};

/* Only data may be given up (RFC 7011 10.2.6), and what it carries is known by
 * its number if it is. */
static int
try_send(struct transport *t, const struct message *message)
{
	bool mortal =
		t->args.collector->sctp_ttl_ns && message->tally.records > 0;
	uint32_t ttl_ms = t->args.collector->sctp_ttl_ns / 1000000;

	return sctp_sendmsg(
		connection_fd(t->connection), message->data, message->len, NULL,
		0, 0, mortal ? SCTP_PR_SCTP_TTL : 0, message->stream,
		mortal ? MAX(1, ttl_ms) : 0, flight_n_added(t->flight));
}

static void
hold(struct transport *t, const struct message *message)
{
	if (!t->holding) {
		memcpy(t->octets, message->data, message->len);
		t->held = *message;
		t->held.data = t->octets;
		t->holding = true;
	}
	connection_wait_for_room(t->connection);
}

static void
send_or_hold(struct transport *t, const struct message *message)
{
	int n = try_send(t, message);

	while (n < 0 && errno == EINTR)
		n = try_send(t, message);
	if (n < 0 && errno == EAGAIN) {
		hold(t, message);
		return;
	}
	t->holding = false;
	if (n >= 0) {
		flight_add(t->flight, message);
		return;
	}
	transport_dropped(t->args.stats, &message->tally);
	connection_lost(t->connection, errno);
}

static void
take_change(struct transport *t, const struct sctp_assoc_change *change)
{
	switch (change->sac_state) {
	case SCTP_SHUTDOWN_COMP: /* which waits for what is on its way */
		flight_settle(t->flight, 0);
		connection_lost(t->connection, 0);
		break;
	case SCTP_COMM_LOST:
		connection_lost(t->connection, ECONNRESET);
		break;
	}
}

static void
take_notification(struct transport *t, const union sctp_notification *news)
{
	switch (news->sn_header.sn_type) {
	case SCTP_ASSOC_CHANGE:
		take_change(t, &news->sn_assoc_change);
		break;
	case SCTP_SEND_FAILED:
		flight_lose_one(t->flight,
				news->sn_send_failed.ssf_info.sinfo_context);
		break;
	}
}

/* A failure brings the message back behind its notification: only the first
 * part of that is of interest, and begins a read. */
static void
read_news(struct transport *t)
{
	union sctp_notification news;
	struct sctp_sndrcvinfo info;
	bool begins = true;
	int flags, fd;
	ssize_t n;

	while ((fd = connection_fd(t->connection)) >= 0) {
		flags = 0;
		n = sctp_recvmsg(fd, &news, sizeof(news), NULL, NULL, &info,
				 &flags);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			connection_lost(t->connection, errno);
		else if (n == 0)
			connection_leave(t->connection);
		if (n <= 0)
			return;
		if (begins && (flags & MSG_NOTIFICATION))
			take_notification(t, &news);
		begins = flags & MSG_EOR;
	}
}

/* The oldest have arrived.  A message of several chunks has when nothing is on
 * its way. */
static void
settle(struct transport *t)
{
	struct sctp_count count;
	bool told = sctp_count(connection_fd(t->connection), &count);

	read_news(t); /* of what those numbers no longer hold */
	if (!told)
		return;
	if (t->args.collector->mtu > count.fragment) {
		if (count.on_way == 0)
			flight_settle(t->flight, 0);
	} else if (count.arrived > t->n_arrived) {
		flight_arrive(t->flight, count.arrived - t->n_arrived);
		t->n_arrived = count.arrived;
	}
	flight_lose_first(t->flight, count.given_up - t->n_given_up);
	t->n_given_up = count.given_up;
}

static bool
is_settled(void *to)
{
	struct transport *t = to;

	settle(t);
	return flight_is_empty(t->flight) && !t->holding;
}

static void
on_readable(void *to)
{
	settle(to);
}

static void
on_writable(void *to)
{
	struct transport *t = to;

	if (t->holding)
		send_or_hold(t, &t->held);
	if (!t->holding && connection_open(t->connection))
		t->args.room(t->args.to);
}

static void
drop_held(struct transport *t)
{
	if (t->holding)
		transport_dropped(t->args.stats, &t->held.tally);
	t->holding = false;
}

static void
on_down(void *to)
{
	struct transport *t = to;

	read_news(t);
	flight_lose(t->flight);
	drop_held(t);
}

static void
set_options(const struct collector *collector, int fd)
{
	const struct sctp_initmsg init = {
		.sinit_num_ostreams = SCTP_STREAMS,
		.sinit_max_instreams = SCTP_STREAMS,
	};
	const struct sctp_event_subscribe events = {
		.sctp_association_event = 1,
		.sctp_send_failure_event = 1,
		.sctp_sender_dry_event = 1,
	};
	const int size = SCTP_SNDBUF, on = 1;

	(void)collector;
	setsockopt(fd, IPPROTO_SCTP, SCTP_INITMSG, &init, sizeof(init));
	setsockopt(fd, IPPROTO_SCTP, SCTP_EVENTS, &events, sizeof(events));
	setsockopt(fd, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static void
on_up(void *to, int fd)
{
	struct transport *t = to;
	struct sctp_status status = { 0 };
	socklen_t len = sizeof(status);

	getsockopt(fd, IPPROTO_SCTP, SCTP_STATUS, &status, &len);
	t->n_arrived = t->n_given_up = 0;
	t->args.up(t->args.to, MAX(1, status.sstat_outstrms));
	t->args.room(t->args.to);
}

static bool
sctp_ready(const struct transport *t)
{
	return connection_open(t->connection) && !t->holding;
}

static void
send_message(struct transport *t, const struct message *message)
{
	send_or_hold(t, message);
}

static void
sctp_flush(struct transport *t)
{
	settle(t);
}

static bool
sctp_busy(struct transport *t)
{
	return !is_settled(t);
}

static bool
sctp_healthy(const struct transport *t)
{
	return connection_open(t->connection);
}

/* What the kernel has, it goes on to deliver. */
static void
sctp_give_up(struct transport *t)
{
	settle(t);
	flight_settle(t->flight, 0);
	drop_held(t);
}

static bool
sctp_supported(GError **error)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);

	if (fd >= 0)
		return close(fd) == 0;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
		    "this kernel has no SCTP, load its module (modprobe sctp): "
		    "%s",
		    g_strerror(errno));
	return false;
}

static void
sctp_free(struct transport *t)
{
	if (!t)
		return;
	connection_free(t->connection);
	flight_free(t->flight);
	g_free(t->octets);
	g_free(t);
}

static struct transport *
sctp_new(const struct transport_args *args, GError **error)
{
	struct transport *t;

	if (!sctp_supported(error))
		return NULL;
	t = g_new0(struct transport, 1);
	const struct connection_args connection = {
		.transport = &t->args,
		.protocol = IPPROTO_SCTP,
		.prepare = set_options,
		.up = on_up,
		.readable = on_readable,
		.writable = on_writable,
		.settled = is_settled,
		.down = on_down,
		.to = t,
	};
	t->args = *args;
	t->flight = flight_new(args->stats);
	t->octets = g_malloc(collector_mtu(args->collector));
	t->connection = connection_new(&connection, error);
	if (t->connection)
		return t;
	sctp_free(t);
	return NULL;
}

const struct transport_ops transport_sctp = {
	.name = "sctp",
	.reliable = true,
	.supported = sctp_supported,
	.new = sctp_new,
	.free = sctp_free,
	.ready = sctp_ready,
	.send = send_message,
	.flush = sctp_flush,
	.busy = sctp_busy,
	.healthy = sctp_healthy,
	.give_up = sctp_give_up,
};
