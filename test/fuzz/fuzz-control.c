/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client of the control socket sends, in pieces as long as the first
 * octet says.  Each whole line is answered by one, until one is too long.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "control_client.h"
#include "control_request.h"
#include "fuzz.h"

struct door {
	int fd; /* the other end */
	unsigned asked, answered;
	bool gone;
};

static void
asked(void *to, struct client *client, const char *line, size_t len)
{
	struct door *door = to;
	struct control_reply *reply = client_reply(client);
	g_autoptr(GError) error = NULL;
	struct control_request request;

	door->asked++;
	if (control_request_parse(&request, line, len, &error)) {
		g_assert(request.command <= CONTROL_RELOAD);
		g_assert(request.sort <= CONTROL_LAST);
		g_assert(request.count >= 1 &&
			 request.count <= CONTROL_FLOWS_MAX);
		reply_done(reply, NULL);
	} else {
		reply_error(reply, error->message);
	}
	client_send(client);
}

static void
gone(void *to, struct client *client)
{
	struct door *door = to;

	(void)client;
	door->gone = true;
}

/* The client's turns, while it has something to do; and what it says. */
static void
listen_to(struct door *door)
{
	char text[4096];
	ssize_t n;

	do {
		while (g_main_context_iteration(NULL, FALSE))
			;
		n = recv(door->fd, text, sizeof(text), MSG_DONTWAIT);
		for (ssize_t i = 0; i < n; i++)
			door->answered += text[i] == '\n';
	} while (n > 0);
}

static void
say(struct door *door, const uint8_t *data, size_t size, size_t piece)
{
	while (size > 0 && !door->gone) {
		size_t len = MIN(size, piece);

		send(door->fd, data, len, MSG_NOSIGNAL);
		data += len;
		size -= len;
		listen_to(door);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz fuzz = { data, size };
	size_t piece = 1 + 16 * fuzz_uint(&fuzz, 1);
	struct door door = { 0 };
	struct client_args args = { .asked = asked, .gone = gone, .to = &door };
	int ends[2];

	g_assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	door.fd = ends[0];
	args.fd = ends[1];
	client_new(&args);
	say(&door, fuzz.at, fuzz.left, piece);
	g_assert(door.answered == door.asked + door.gone);
	shutdown(door.fd, SHUT_WR);
	listen_to(&door);
	g_assert(door.gone);
	close(door.fd);
	return 0;
}
