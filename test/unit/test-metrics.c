/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics over HTTP: what is answered to whom, and who has to wait.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../tap.h"
#include "metrics.h"

#define PAGE "# HELP a b\na 1\n"

struct server {
	struct metrics *metrics;
	char *listen;
	struct sockaddr_in address;
	guint n_pages;
	guint n_lines; /* of PAGE, in a page */
};

static void
write_page(GString *page, void *to)
{
	struct server *server = to;

	server->n_pages++;
	for (guint i = 0; i < server->n_lines; i++)
		g_string_append(page, PAGE);
}

/* A port that was free a moment ago. */
static struct sockaddr_in
find_port(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	g_assert_no_errno(bind(fd, (struct sockaddr *)&address, len));
	g_assert_no_errno(getsockname(fd, (struct sockaddr *)&address, &len));
	close(fd);
	return address;
}

static struct server *
start(guint n_lines)
{
	struct server *server = g_new0(struct server, 1);

	server->n_lines = n_lines;
	while (!server->metrics) {
		g_free(server->listen);
		server->address = find_port();
		server->listen = g_strdup_printf(
			"127.0.0.1:%u", ntohs(server->address.sin_port));
		server->metrics =
			metrics_new(server->listen, write_page, server, NULL);
	}
	return server;
}

static void
stop(struct server *server)
{
	metrics_free(server->metrics);
	g_free(server->listen);
	g_free(server);
}

static int
say(const struct server *server, const char *text, size_t len)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	g_assert_no_errno(connect(fd, (const struct sockaddr *)&server->address,
				  sizeof(server->address)));
	g_assert_cmpint(send(fd, text, len, MSG_NOSIGNAL), ==, len);
	return fd;
}

/* Appends what has come; false: that was all. */
static bool
hear(int fd, GString *heard)
{
	char octets[4096];
	ssize_t n = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);

	if (n > 0)
		g_string_append_len(heard, octets, n);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

/* All that is said to FD until the server hangs up. */
static char *
listen_to(int fd)
{
	GString *heard = g_string_new(NULL);

	while (hear(fd, heard)) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(50);
	}
	close(fd);
	return g_string_free(heard, FALSE);
}

static char *
ask(const struct server *server, const char *request)
{
	g_autofree char *text = g_strconcat(request,
					    " HTTP/1.1\r\nHost: localhost\r\n"
					    "Connection: close\r\n\r\n",
					    NULL);

	return listen_to(say(server, text, strlen(text)));
}

static void
assert_answer(const struct server *server, const char *request,
	      const char *status, const char *body_end)
{
	g_autofree char *heard = ask(server, request);

	g_test_message("%s: %.200s", request, heard);
	g_assert_true(g_str_has_prefix(heard, status));
	g_assert_true(g_str_has_suffix(heard, body_end));
}

static void
test_answers(void)
{
	struct server *server = start(1);
	g_autofree char *heard = ask(server, "GET /metrics");
	const char *body = strstr(heard, "\r\n\r\n");

	g_assert_true(g_str_has_prefix(heard, "HTTP/1.1 200 OK\r\n"));
	g_assert_nonnull(strstr(heard, "Content-Type: text/plain; "
				       "version=0.0.4; charset=utf-8\r\n"));
	g_assert_cmpstr(body, ==, "\r\n\r\n" PAGE);
	assert_answer(server, "GET /metrics?x=1", "HTTP/1.1 200 ", PAGE);
	g_assert_cmpuint(server->n_pages, ==, 2);
	assert_answer(server, "HEAD /metrics", "HTTP/1.1 200 ", "\r\n\r\n");
	assert_answer(server, "GET /", "HTTP/1.1 200 ",
		      "<a href=\"/metrics\">metrics</a>\n");
	assert_answer(server, "GET /metrics/", "HTTP/1.1 404 ",
		      "see /metrics\n");
	assert_answer(server, "GET /../etc/passwd", "HTTP/1.1 404 ",
		      "see /metrics\n");
	stop(server);
}

static void
test_methods(void)
{
	static const char *const others[] = { "POST",  "PUT",	  "DELETE",
					      "TRACE", "OPTIONS", "NONSENSE" };
	struct server *server = start(1);

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autofree char *request =
			g_strconcat(others[i], " /metrics", NULL);
		g_autofree char *heard = ask(server, request);

		g_assert_true(g_str_has_prefix(heard, "HTTP/1.1 405 "));
		g_assert_nonnull(strstr(heard, "\r\nAllow: GET, HEAD\r\n"));
	}
	g_assert_cmpuint(server->n_pages, ==, 0);
	stop(server);
}

/* Nonsense, half a request, more than we keep: the next one is served. */
static void
test_garbage(void)
{
	struct server *server = start(1);
	g_autofree char *endless = g_strnfill(100000, 'x');
	const struct {
		const char *text;
		size_t len;
	} garbage[] = {
		{ "\0\1\2\3\r\n\r\n", 8 },
		{ "GET\r\n\r\n", 7 },
		{ "GET /metrics HTTP/1.1\r\n", 23 },
		{ endless, 20000 },
		{ "", 0 },
	};
	int fds[G_N_ELEMENTS(garbage)];

	for (size_t i = 0; i < G_N_ELEMENTS(garbage); i++) {
		fds[i] = say(server, garbage[i].text, garbage[i].len);
		shutdown(fds[i], SHUT_WR);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(garbage); i++) {
		g_autofree char *heard = listen_to(fds[i]);

		g_assert_null(strstr(heard, " 200 OK"));
	}
	g_assert_cmpuint(server->n_pages, ==, 0);
	assert_answer(server, "GET /metrics", "HTTP/1.1 200 ", PAGE);
	stop(server);
}

enum { CROWD = 100 };

/* More than we let in at once, and each wants more than a socket takes: who
 * asks together is told the same. */
static void
test_crowd(void)
{
	static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
	struct server *server = start(10000);
	int fds[CROWD];

	for (int i = 0; i < CROWD; i++)
		fds[i] = say(server, request, strlen(request));
	for (int i = 0; i < CROWD; i++) {
		g_autofree char *heard = listen_to(fds[i]);
		const char *body = strstr(heard, "\r\n\r\n");

		g_assert_nonnull(body);
		g_assert_cmpuint(strlen(body + 4), ==, 10000 * strlen(PAGE));
	}
	g_assert_cmpuint(server->n_pages, <, CROWD / 2);
	stop(server);
}

/* All places are taken by who says nothing: the next one waits, not for ever;
 * and what a silent one has is taken from him. */
static void
test_silence(void)
{
	struct server *server = start(1);
	int64_t begin_us = g_get_monotonic_time();
	int fds[METRICS_CLIENTS];

	for (int i = 0; i < METRICS_CLIENTS; i++)
		fds[i] = say(server, "GET /", i % 6);
	assert_answer(server, "GET /metrics", "HTTP/1.1 200 ", PAGE);
	g_assert_cmpint(g_get_monotonic_time() - begin_us, >,
			(METRICS_PATIENCE_S - 1) * G_USEC_PER_SEC);
	for (int i = 0; i < METRICS_CLIENTS; i++)
		g_free(listen_to(fds[i]));
	stop(server);
}

/* All places are left at a stroke, with nobody at the door. */
static void
test_exodus(void)
{
	struct server *server = start(1);
	int fds[METRICS_CLIENTS];

	for (int i = 0; i < METRICS_CLIENTS; i++)
		fds[i] = say(server, "", 0);
	for (int i = 0; i < 100; i++)
		g_main_context_iteration(NULL, FALSE);
	g_usleep((METRICS_PATIENCE_S + 1) * G_USEC_PER_SEC);
	for (int i = 0; i < METRICS_CLIENTS; i++)
		g_free(listen_to(fds[i]));
	assert_answer(server, "GET /metrics", "HTTP/1.1 200 ", PAGE);
	stop(server);
}

/* Who asks and goes away, or is there when we stop. */
static void
test_vanish(void)
{
	static const char request[] =
		"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
	const struct linger reset = { .l_onoff = 1 };
	struct server *server = start(10000);
	int fd;

	for (int i = 0; i < 50; i++) {
		fd = say(server, request, strlen(request));
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		if (i % 2)
			g_main_context_iteration(NULL, FALSE);
		close(fd);
	}
	assert_answer(server, "GET /metrics", "HTTP/1.1 200 ", PAGE);
	fd = say(server, request, strlen(request));
	while (g_main_context_iteration(NULL, FALSE))
		;
	stop(server);
	close(fd);
}

static void
test_in_use(void)
{
	struct server *server = start(1);
	g_autoptr(GError) error = NULL;
	g_autofree char *expected = g_strdup_printf(
		"metrics.listen %s: Address already in use", server->listen);

	g_assert_null(metrics_new(server->listen, write_page, server, &error));
	g_assert_cmpstr(error->message, ==, expected);
	g_clear_error(&error);
	g_assert_null(
		metrics_new("192.0.2.1:9995", write_page, server, &error));
	g_assert_cmpstr(error->message, ==,
			"metrics.listen 192.0.2.1:9995: Cannot assign "
			"requested address");
	stop(server);
}

static void
add(void)
{
	g_test_add_func("/metrics/answers", test_answers);
	g_test_add_func("/metrics/methods", test_methods);
	g_test_add_func("/metrics/garbage", test_garbage);
	g_test_add_func("/metrics/crowd", test_crowd);
	g_test_add_func("/metrics/silence", test_silence);
	g_test_add_func("/metrics/exodus", test_exodus);
	g_test_add_func("/metrics/vanish", test_vanish);
	g_test_add_func("/metrics/in-use", test_in_use);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
