/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "transport.h"
#include "transport_inet.h"

#define UDP_BATCH    32	   /* 64 a call are no faster: measured */
#define UDP_TRIES    3	   /* of a message; see cope() */
#define UDP_PAUSE_US 10000 /* when the kernel has no memory */
/* Bursts to end well before we believe it: ICMP comes late, and once a second
 * at most (icmp_ratelimit). */
#define UDP_QUIET 3

struct transport {
	struct transport_args args;
	struct sockaddr_storage addr;
	socklen_t addr_len;
	char *peer; /* ADDRESS:PORT, for the log */
	int fd;
	bool connected;
	GSource *watch;
	gpointer tag;
	GIOCondition watched;

	int error;	/* the log was told of; 0: all is well */
	unsigned quiet; /* bursts that ended since the last error */
	bool took;	/* the kernel took something of this burst */

	/* A ring of messages not yet sent, each in a slot of mtu octets. */
	unsigned head, n, tries;
	struct mmsghdr slots[UDP_BATCH];
	struct iovec iov[UDP_BATCH];
	struct tally tally[UDP_BATCH];
	uint8_t *octets;
};

static void
trouble(struct transport *t, int error)
{
	const struct collector *collector = t->args.collector;

	t->args.stats->send_errors++;
	t->quiet = 0;
	t->args.up(t->args.to);
	if (error == t->error)
		return;
	t->error = error;
	if (error == ECONNREFUSED)
		log_warning("collector %s: connection refused by %s, "
			    "still sending",
			    collector->name, t->peer);
	else if (error == EMSGSIZE)
		log_warning("collector %s: messages are too long for the path "
			    "to %s, lower its mtu (%u)",
			    collector->name, t->peer, collector->mtu);
	else
		log_warning("collector %s: cannot send to %s: %s, "
			    "messages are dropped",
			    collector->name, t->peer, g_strerror(error));
}

static void
pop(struct transport *t)
{
	t->tries = 0;
	t->head = --t->n ? (t->head + 1) % UDP_BATCH : 0;
}

static void
taken(struct transport *t, int n)
{
	struct transport_stats *stats = t->args.stats;

	for (; n > 0; n--) {
		stats->messages_sent++;
		stats->octets_sent += t->iov[t->head].iov_len;
		stats->records_exported += t->tally[t->head].records;
		pop(t);
	}
	t->took = true;
}

static void
drop(struct transport *t, unsigned n)
{
	for (; n > 0; n--) {
		transport_dropped(t->args.stats, &t->tally[t->head]);
		pop(t);
	}
}

/* Disconnected first: else the kernel clings to the local address that it
 * chose before, which may be gone. */
static bool
reconnect(struct transport *t)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	connect(t->fd, &none, sizeof(none));
	t->connected =
		connect(t->fd, (struct sockaddr *)&t->addr, t->addr_len) == 0;
	return t->connected;
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
		g_source_set_ready_time(t->watch,
					g_get_monotonic_time() + UDP_PAUSE_US);
		return false;
	}
	trouble(t, error);
	/* Told once, it may be the ICMP answer to an earlier message. */
	if (++t->tries < UDP_TRIES)
		return true;
	if (error == EMSGSIZE || error == ECONNREFUSED) {
		drop(t, 1);
		return true;
	}
	drop(t, t->n);
	t->connected = false;
	return false;
}

static void
watch(struct transport *t, GIOCondition condition)
{
	if (condition == t->watched)
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

	if (t->n > 0 && !t->connected && !reconnect(t)) {
		trouble(t, errno);
		drop(t, t->n);
	}
	while (t->n > 0 && again) {
		n = sendmmsg(t->fd, t->slots + t->head,
			     MIN(t->n, UDP_BATCH - t->head), 0);
		error = errno;
		if (n > 0)
			taken(t, n);
		else
			again = cope(t, error);
	}
	watch(t, t->n > 0 && error == EAGAIN ? G_IO_ERR | G_IO_OUT : G_IO_ERR);
}

static gboolean
on_socket(gpointer data)
{
	struct transport *t = data;
	socklen_t len = sizeof(int);
	int error = 0;

	g_source_set_ready_time(t->watch, -1);
	getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error)
		trouble(t, error);
	transmit(t);
	return G_SOURCE_CONTINUE;
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
	(void)source;
	return callback(data);
}

/* Before others: who sends next should know what became of the last burst. */
static void
watch_new(struct transport *t)
{
	static GSourceFuncs funcs = { .dispatch = dispatch };

	t->watch = g_source_new(&funcs, sizeof(GSource));
	t->watched = G_IO_ERR;
	t->tag = g_source_add_unix_fd(t->watch, t->fd, t->watched);
	g_source_set_callback(t->watch, on_socket, t, NULL);
	g_source_set_priority(t->watch, G_PRIORITY_HIGH);
	g_source_attach(t->watch, NULL);
}

static void
wait_for_room(struct transport *t)
{
	struct pollfd pollfd = { .fd = t->fd, .events = POLLOUT };

	poll(&pollfd, 1, UDP_PAUSE_US / 1000);
	transmit(t);
}

static void
udp_send(struct transport *t, const struct message *message)
{
	unsigned slot;

	g_assert(message->len <= t->args.collector->mtu);
	if (t->n == UDP_BATCH)
		transmit(t);
	while (t->n == UDP_BATCH && t->args.patient)
		wait_for_room(t);
	if (t->n == UDP_BATCH) {
		transport_dropped(t->args.stats, &message->tally);
		trouble(t, ENOBUFS);
		return;
	}
	slot = (t->head + t->n++) % UDP_BATCH;
	memcpy(t->iov[slot].iov_base, message->data, message->len);
	t->iov[slot].iov_len = message->len;
	t->tally[slot] = message->tally;
}

static void
udp_flush(struct transport *t)
{
	transmit(t);
	if (t->took && ++t->quiet >= UDP_QUIET && t->error) {
		log_info("collector %s: no more errors from %s",
			 t->args.collector->name, t->peer);
		t->error = 0;
	}
	t->took = false;
}

static bool
udp_busy(const struct transport *t)
{
	return t->n > 0;
}

static void
adopt(struct transport *t, const struct addrinfo *ai, int fd)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = fd;
	memcpy(&t->addr, ai->ai_addr, ai->ai_addrlen);
	t->addr_len = ai->ai_addrlen;
	g_free(t->peer);
	t->peer = inet_text(ai);
	reconnect(t);
}

/* The first address with a route; without any, the last: one may come. */
static bool
open_any(struct transport *t, GError **error)
{
	const struct collector *collector = t->args.collector;
	struct addrinfo *list =
		inet_resolve(collector->host, t->args.port, SOCK_DGRAM, error);
	int fd;

	for (struct addrinfo *ai = list; ai && !t->connected;
	     ai = ai->ai_next) {
		g_clear_error(error);
		fd = inet_open(ai, collector->source, error);
		if (fd >= 0)
			adopt(t, ai, fd);
	}
	if (list)
		freeaddrinfo(list);
	if (t->fd >= 0)
		g_clear_error(error);
	return t->fd >= 0;
}

static void
make_slots(struct transport *t)
{
	size_t mtu = t->args.collector->mtu;

	t->octets = g_malloc(mtu * UDP_BATCH);
	for (int i = 0; i < UDP_BATCH; i++) {
		t->iov[i].iov_base = t->octets + mtu * i;
		t->slots[i].msg_hdr.msg_iov = &t->iov[i];
		t->slots[i].msg_hdr.msg_iovlen = 1;
	}
}

static void
udp_free(struct transport *t)
{
	if (!t)
		return;
	if (t->watch)
		g_source_destroy(t->watch);
	g_clear_pointer(&t->watch, g_source_unref);
	if (t->fd >= 0)
		close(t->fd);
	g_free(t->octets);
	g_free(t->peer);
	g_free(t);
}

static struct transport *
udp_new(const struct transport_args *args, GError **error)
{
	struct transport *t = g_new0(struct transport, 1);

	t->args = *args;
	t->fd = -1;
	if (!open_any(t, error)) {
		udp_free(t);
		return NULL;
	}
	make_slots(t);
	watch_new(t);
	return t;
}

const struct transport_ops transport_udp = {
	.name = "udp",
	.new = udp_new,
	.free = udp_free,
	.send = udp_send,
	.flush = udp_flush,
	.busy = udp_busy,
};
