/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_client.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control_request.h"
#include "loop.h"

struct client {
	struct client_args args;
	guint watch; /* for a request, or for room; 0: we are at work */
	guint timer; /* its patience; 0: it waits for us */
	char line[CONTROL_REQUEST_MAX];
	size_t len;
	struct control_reply reply;
	bool last; /* reply: the connection ends */
};

static void
rest(struct client *client)
{
	g_clear_handle_id(&client->watch, g_source_remove);
	g_clear_handle_id(&client->timer, g_source_remove);
}

static void
drop(struct client *client)
{
	client->args.gone(client->args.to, client);
	client_free(client);
}

static gboolean
on_patience(void *to)
{
	struct client *client = to;

	client->timer = 0;
	drop(client);
	return G_SOURCE_REMOVE;
}

static void
wait_for(struct client *client, GIOCondition condition, GUnixFDSourceFunc func)
{
	rest(client);
	client->watch = g_unix_fd_add_full(LOOP_CLIENTS, client->args.fd,
					   condition, func, client, NULL);
	client->timer =
		g_timeout_add_seconds(CLIENT_PATIENCE_S, on_patience, client);
}

static gboolean on_request(int fd, GIOCondition condition, void *to);

/* The first line of what came, if it is whole. */
static void
handle(struct client *client)
{
	const char *end = memchr(client->line, '\n', client->len);

	if (end) {
		rest(client);
		client->args.asked(client->args.to, client, client->line,
				   end - client->line);
	} else if (client->len == sizeof(client->line)) {
		reply_error(&client->reply, "the request is too long");
		client->last = true;
		client_send(client);
	} else {
		wait_for(client, G_IO_IN, on_request);
	}
}

static void
forget_line(struct client *client)
{
	const char *end = memchr(client->line, '\n', client->len);
	size_t len = end ? end + 1 - client->line : 0;

	client->len -= len;
	memmove(client->line, client->line + len, client->len);
}

/* 0: there is room no more; -1: nobody reads. */
static ssize_t
send_some(struct client *client)
{
	GString *text = client->reply.text;
	ssize_t n;

	do
		n = send(client->args.fd, text->str, text->len,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	g_string_erase(text, 0, n);
	return n;
}

/* One chunk a turn of the loop; each that is taken is a sign of life. */
static gboolean
on_room(int fd, GIOCondition condition, void *to)
{
	struct client *client = to;
	ssize_t n;

	(void)fd;
	(void)condition;
	if (!reply_fill(&client->reply)) {
		forget_line(client);
		if (client->last)
			drop(client);
		else
			handle(client);
		return G_SOURCE_REMOVE;
	}
	n = send_some(client);
	if (n < 0) {
		drop(client);
		return G_SOURCE_REMOVE;
	}
	if (n > 0)
		wait_for(client, G_IO_OUT, on_room);
	return n > 0 ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static gboolean
on_request(int fd, GIOCondition condition, void *to)
{
	struct client *client = to;
	ssize_t n = recv(fd, client->line + client->len,
			 sizeof(client->line) - client->len, MSG_DONTWAIT);

	(void)condition;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n <= 0) {
		drop(client);
		return G_SOURCE_REMOVE;
	}
	client->len += n;
	if (!memchr(client->line, '\n', client->len) &&
	    client->len < sizeof(client->line))
		return G_SOURCE_CONTINUE;
	handle(client);
	return G_SOURCE_REMOVE;
}

struct control_reply *
client_reply(struct client *client)
{
	return &client->reply;
}

void
client_send(struct client *client)
{
	wait_for(client, G_IO_OUT, on_room);
}

struct client *
client_new(const struct client_args *args)
{
	struct client *client = g_new0(struct client, 1);

	client->args = *args;
	client->reply.text = g_string_new(NULL);
	wait_for(client, G_IO_IN, on_request);
	return client;
}

void
client_free(struct client *client)
{
	rest(client);
	close(client->args.fd);
	reply_clear(&client->reply);
	g_free(client);
}
