/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define FAIL_US (10 * G_USEC_PER_SEC)

static void
iterate(int64_t end)
{
	g_assert_cmpint(g_get_monotonic_time(), <, end);
	if (!g_main_context_iteration(NULL, FALSE))
		g_usleep(500);
}

int
stream_listen(uint16_t *port)
{
	const int on = 1;
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(*port),
	};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, len), ==, 0);
	g_assert_cmpint(listen(fd, 10), ==, 0);
	getsockname(fd, (struct sockaddr *)&address, &len);
	*port = ntohs(address.sin_port);
	return fd;
}

int
stream_accept(int fd, unsigned ms)
{
	int64_t end = g_get_monotonic_time() + ms * 1000;
	int got;

	while ((got = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) <
		       0 &&
	       g_get_monotonic_time() < end)
		iterate(G_MAXINT64);
	return got;
}

void
stream_until(const uint64_t *count, uint64_t limit)
{
	const int64_t end = g_get_monotonic_time() + FAIL_US;

	while (*count < limit)
		iterate(end);
}

GByteArray *
stream_read(int fd, size_t len)
{
	const int64_t end = g_get_monotonic_time() + FAIL_US;
	GByteArray *got = g_byte_array_new();
	uint8_t data[4096];
	ssize_t n = 1;

	while (got->len < len && n != 0) {
		n = recv(fd, data, MIN(sizeof(data), len - got->len), 0);
		if (n > 0)
			g_byte_array_append(got, data, n);
		else if (n < 0)
			g_assert_cmpint(errno, ==, EAGAIN);
		iterate(end);
	}
	return got;
}

void
stream_reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}
