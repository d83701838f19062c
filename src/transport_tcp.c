/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "transport.h"
#include "transport_connection.h"
#include "transport_flight.h"

#define TCP_BATCH 65536 /* octets of a write */
#define TCP_UNSENT                                                             \
	(2 << 16) /* octets in the kernel that are not on their way */
#define TCP_PROBES 6

struct transport {
	struct transport_args args;
	struct connection *connection;
	struct flight *flight; /* what is written, and what follows */
	GByteArray *octets;    /* what is to be written, from .done on */
	size_t done;
	bool blocked; /* the socket has no room */
};

static size_t
waiting(const struct transport *t)
{
	return t->octets->len - t->done;
}

static void
forget_octets(struct transport *t)
{
	g_byte_array_set_size(t->octets, 0);
	t->done = 0;
}

/* What the collector's host has acknowledged has arrived. */
static void
settle(struct transport *t)
{
	int fd = connection_fd(t->connection), n = 0;

	if (fd >= 0 && ioctl(fd, SIOCOUTQ, &n) == 0)
		flight_settle(t->flight, n + waiting(t));
}

static void
write_out(struct transport *t)
{
	int fd = connection_fd(t->connection);
	ssize_t n;

	while (fd >= 0 && waiting(t) > 0 && !t->blocked) {
		n = send(fd, t->octets->data + t->done, waiting(t),
			 MSG_NOSIGNAL);
		if (n >= 0) {
			t->done += n;
		} else if (errno == EAGAIN) {
			t->blocked = true;
			connection_wait_for_room(t->connection);
		} else if (errno != EINTR) {
			connection_lost(t->connection, errno);
			return;
		}
	}
	if (waiting(t) == 0)
		forget_octets(t);
}

static bool
tcp_ready(const struct transport *t)
{
	return connection_open(t->connection) && !t->blocked &&
	       waiting(t) < TCP_BATCH;
}

static void
on_up(void *to, int fd)
{
	struct transport *t = to;

	(void)fd;
	t->args.up(t->args.to, 1);
	t->args.room(t->args.to);
}

static void
on_writable(void *to)
{
	struct transport *t = to;

	t->blocked = false;
	write_out(t);
	if (tcp_ready(t))
		t->args.room(t->args.to);
}

static bool
is_settled(void *to)
{
	struct transport *t = to;

	settle(t);
	return flight_is_empty(t->flight);
}

static void
on_down(void *to)
{
	struct transport *t = to;

	settle(t);
	flight_lose(t->flight);
	forget_octets(t);
	t->blocked = false;
}

/* A collector has nothing to say but that it goes. */
static void
on_readable(void *to)
{
	struct transport *t = to;
	char data[TCP_BATCH];
	ssize_t n = recv(connection_fd(t->connection), data, sizeof(data), 0);

	if (n > 0)
		connection_ignore(t->connection);
	else if (n == 0)
		connection_leave(t->connection);
	else if (errno != EAGAIN && errno != EINTR)
		connection_lost(t->connection, errno);
}

static void
set_option(int fd, int level, int option, int value)
{
	setsockopt(fd, level, option, &value, sizeof(value));
}

/* Messages leave in large writes: none waits for another.  What the network
 * does not take yet waits with us, where the oldest can be dropped. */
static void
prepare(const struct collector *collector, int fd)
{
	int idle_s = collector->tcp_keepalive_ns / 1000000000;

	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, TCP_UNSENT);
	if (collector->tcp_keepalive_ns == 0)
		return;
	idle_s = MAX(1, idle_s);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_s);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, MAX(1, idle_s / TCP_PROBES));
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, TCP_PROBES);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
		   2 * collector->tcp_keepalive_ns / 1000000);
}

static void
tcp_send(struct transport *t, const struct message *message)
{
	g_byte_array_append(t->octets, message->data, message->len);
	flight_add(t->flight, message);
	if (waiting(t) >= TCP_BATCH)
		write_out(t);
}

static void
tcp_flush(struct transport *t)
{
	write_out(t);
	settle(t);
}

static bool
tcp_busy(struct transport *t)
{
	return !is_settled(t);
}

static bool
tcp_healthy(const struct transport *t)
{
	return connection_open(t->connection);
}

/* What the kernel has, it goes on to deliver. */
static void
tcp_give_up(struct transport *t)
{
	flight_settle(t->flight, waiting(t));
	flight_lose(t->flight);
	forget_octets(t);
}

static void
tcp_free(struct transport *t)
{
	if (!t)
		return;
	connection_free(t->connection);
	flight_free(t->flight);
	g_byte_array_unref(t->octets);
	g_free(t);
}

static struct transport *
tcp_new(const struct transport_args *args, GError **error)
{
	struct transport *t = g_new0(struct transport, 1);
	const struct connection_args connection = {
		.transport = &t->args,
		.protocol = IPPROTO_TCP,
		.prepare = prepare,
		.up = on_up,
		.readable = on_readable,
		.writable = on_writable,
		.settled = is_settled,
		.down = on_down,
		.to = t,
	};

	t->args = *args;
	t->flight = flight_new(args->stats);
	t->octets = g_byte_array_sized_new(2 * TCP_BATCH);
	t->connection = connection_new(&connection, error);
	if (t->connection)
		return t;
	tcp_free(t);
	return NULL;
}

const struct transport_ops transport_tcp = {
	.name = "tcp",
	.reliable = true,
	.new = tcp_new,
	.free = tcp_free,
	.ready = tcp_ready,
	.send = tcp_send,
	.flush = tcp_flush,
	.busy = tcp_busy,
	.healthy = tcp_healthy,
	.give_up = tcp_give_up,
};
