/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_connection.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "transport_name.h"

#define MAX_BACKOFF  4
#define JITTER_SHARE 10 /* at most so much of what is waited anyway */
#define IGNORE_MS    10
#define LEAVE_MS     20
#define LEAVE_MAX    100 /* times that: the collector does not read any longer */

struct connection {
	struct connection_args args;
	const struct collector *collector;
	struct name *name;

	int fd;
	bool up;
	bool ending;	   /* and being told so */
	char *peer;	   /* ADDRESS:PORT of this attempt */
	GArray *addresses; /* of this attempt */
	guint next;	   /* of them, to try */

	guint source;	  /* on the socket: connecting, or readable */
	guint room;	  /* on the socket: writable */
	guint timer;	  /* of the attempt, or until the next one */
	unsigned leaving; /* so many times that timer, too; 0: it is not */
	int64_t began_us; /* the last attempt */
	unsigned failed;  /* attempts in a row */
	int error;	  /* the log was told of; 0: all is well */
};

static void
close_socket(struct connection *c)
{
	g_clear_handle_id(&c->source, g_source_remove);
	g_clear_handle_id(&c->room, g_source_remove);
	g_clear_handle_id(&c->timer, g_source_remove);
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->up = false;
	c->ending = false;
	c->leaving = 0;
}

static gboolean on_turn(gpointer data);

static double
pause_us(const struct connection *c)
{
	unsigned times =
		c->failed < 3 ? 1u << MAX(0, (int)c->failed - 1) : MAX_BACKOFF;

	return c->collector->reconnect_ns / 1000.0 * times;
}

/* Seconds until then, for the log. */
static double
wait_for_turn(struct connection *c)
{
	int64_t now_us = g_get_monotonic_time();
	double us = pause_us(c);
	double wait_us = MAX(0, c->began_us + us - now_us);

	wait_us += g_random_double() * us / JITTER_SHARE;
	c->timer =
		g_timeout_add(CLAMP(wait_us / 1000, 1, G_MAXUINT), on_turn, c);
	return wait_us / G_USEC_PER_SEC;
}

/* No address is left to try. */
static void
fail(struct connection *c, int error)
{
	double s;

	c->failed++;
	c->args.transport->stats->send_errors++;
	g_clear_pointer(&c->addresses, g_array_unref);
	s = wait_for_turn(c);
	transport_set(c->args.transport, TRANSPORT_DOWN);
	if (error && error != c->error)
		transport_warn(c->args.transport, error,
			       "cannot connect to %s: %s, trying again in "
			       "%.0f s",
			       c->peer ? c->peer : c->collector->host,
			       g_strerror(error), s);
	c->error = error;
}

static void try_next(struct connection *c, int error);

static gboolean
on_readable(int fd, GIOCondition condition, gpointer data)
{
	struct connection *c = data;

	(void)fd;
	(void)condition;
	c->args.readable(c->args.to);
	return G_SOURCE_CONTINUE;
}

static gboolean
on_writable(int fd, GIOCondition condition, gpointer data)
{
	struct connection *c = data;

	(void)fd;
	(void)condition;
	c->room = 0;
	c->args.writable(c->args.to);
	return G_SOURCE_REMOVE;
}

static void
watch(struct connection *c, GIOCondition condition, GUnixFDSourceFunc func)
{
	c->source = g_unix_fd_add_full(G_PRIORITY_HIGH, c->fd, condition, func,
				       c, NULL);
}

/* Connected, or not. */
static gboolean
on_connected(int fd, GIOCondition condition, gpointer data)
{
	struct connection *c = data;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)condition;
	c->source = 0;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error) {
		try_next(c, error);
		return G_SOURCE_REMOVE;
	}
	g_clear_handle_id(&c->timer, g_source_remove);
	watch(c, G_IO_IN, on_readable);
	c->up = true;
	transport_set(c->args.transport, TRANSPORT_UP);
	c->failed = 0;
	c->error = 0;
	log_info("collector %s: connected to %s", c->collector->name, c->peer);
	c->args.up(c->args.to, fd);
	return G_SOURCE_REMOVE;
}

static gboolean
on_timeout(gpointer data)
{
	struct connection *c = data;

	c->timer = 0;
	try_next(c, ETIMEDOUT);
	return G_SOURCE_REMOVE;
}

/* 0, or why not. */
static int
try_address(struct connection *c, const struct inet_address *address)
{
	const struct inet_local local = { c->collector->source, 0 };
	g_autoptr(GError) error = NULL;

	g_free(c->peer);
	c->peer = inet_text(address);
	c->fd = inet_open(address, SOCK_STREAM, c->args.protocol, &local,
			  &error);
	if (c->fd < 0)
		return errno;
	if (c->args.prepare)
		c->args.prepare(c->collector, c->fd);
	if (connect(c->fd, &address->sa, address->len) < 0 &&
	    errno != EINPROGRESS)
		return errno;
	watch(c, G_IO_OUT, on_connected);
	c->timer = g_timeout_add(c->collector->connect_timeout_ns / 1000000,
				 on_timeout, c);
	return 0;
}

static void
try_next(struct connection *c, int error)
{
	while (c->next < c->addresses->len) {
		close_socket(c);
		error = try_address(c, &g_array_index(c->addresses,
						      struct inet_address,
						      c->next++));
		if (error == 0)
			return;
	}
	close_socket(c);
	fail(c, error);
}

static void
try_all(struct connection *c, const GArray *addresses)
{
	c->next = 0;
	g_clear_pointer(&c->addresses, g_array_unref);
	c->addresses = g_array_new(FALSE, FALSE, sizeof(struct inet_address));
	g_array_append_vals(c->addresses, addresses->data, addresses->len);
	try_next(c, EADDRNOTAVAIL);
}

/* With what was found before, if there is nothing new. */
static void
on_found(void *to, const GArray *addresses)
{
	struct connection *c = to;

	addresses = addresses ?: name_addresses(c->name);
	if (addresses)
		try_all(c, addresses);
	else
		fail(c, 0);
}

static gboolean
on_turn(gpointer data)
{
	struct connection *c = data;

	c->timer = 0;
	c->began_us = g_get_monotonic_time();
	if (!name_look_up(c->name))
		on_found(c, NULL);
	return G_SOURCE_REMOVE;
}

int
connection_fd(const struct connection *c)
{
	return c->up ? c->fd : -1;
}

bool
connection_open(const struct connection *c)
{
	return c->up && !c->leaving;
}

void
connection_wait_for_room(struct connection *c)
{
	if (!c->room)
		c->room = g_unix_fd_add_full(G_PRIORITY_HIGH, c->fd, G_IO_OUT,
					     on_writable, c, NULL);
}

void
connection_lost(struct connection *c, int error)
{
	if (!c->up || c->ending)
		return;
	c->ending = true;
	c->args.down(c->args.to);
	close_socket(c);
	c->args.transport->stats->send_errors++;
	transport_set(c->args.transport, TRANSPORT_DOWN);
	transport_warn(c->args.transport, error,
		       "%s %s%s%s, trying again in %.0f s",
		       error ? "lost the connection to" : "goodbye from",
		       c->peer, error ? ": " : "",
		       error ? g_strerror(error) : "", wait_for_turn(c));
}

/* To ask whether all has arrived may find that the connection is lost. */
static gboolean
on_leaving(gpointer data)
{
	struct connection *c = data;
	guint timer = c->timer;
	bool settled = c->args.settled(c->args.to);

	if (c->timer != timer)
		return G_SOURCE_REMOVE;
	if (!settled && c->leaving++ < LEAVE_MAX)
		return G_SOURCE_CONTINUE;
	c->timer = 0;
	connection_lost(c, 0);
	return G_SOURCE_REMOVE;
}

static gboolean
on_ignored(gpointer data)
{
	struct connection *c = data;

	c->timer = 0;
	watch(c, G_IO_IN, on_readable);
	return G_SOURCE_REMOVE;
}

void
connection_ignore(struct connection *c)
{
	g_clear_handle_id(&c->source, g_source_remove);
	c->timer = g_timeout_add(IGNORE_MS, on_ignored, c);
}

/* Whoever reads on finds the end again and again. */
void
connection_leave(struct connection *c)
{
	if (!c->up || c->leaving)
		return;
	g_clear_handle_id(&c->source, g_source_remove);
	c->leaving = 1;
	c->timer = g_timeout_add(LEAVE_MS, on_leaving, c);
}

struct connection *
connection_new(const struct connection_args *args, GError **error)
{
	struct connection *c = g_new0(struct connection, 1);

	c->args = *args;
	c->collector = args->transport->collector;
	c->fd = -1;
	c->name = name_new(args->transport, on_found, c, error);
	if (!c->name) {
		connection_free(c);
		return NULL;
	}
	c->timer = g_idle_add(on_turn, c);
	return c;
}

void
connection_free(struct connection *c)
{
	if (!c)
		return;
	close_socket(c);
	name_free(c->name);
	g_clear_pointer(&c->addresses, g_array_unref);
	g_free(c->peer);
	g_free(c);
}
