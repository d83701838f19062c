/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "udp.h"

#define UDP_WAIT_MS 300
#define UDP_FAIL_US (10 * G_USEC_PER_SEC)

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
loopback(union address *address, int family, uint16_t port)
{
	memset(address, 0, sizeof(*address));
	address->sa.sa_family = family;
	if (family == AF_INET6) {
		address->in6.sin6_addr = in6addr_loopback;
		address->in6.sin6_port = htons(port);
		return sizeof(address->in6);
	}
	address->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address->in.sin_port = htons(port);
	return sizeof(address->in);
}

static int
bound(int family, uint16_t port)
{
	const int reuse = port != 0;
	union address address;
	socklen_t len = loopback(&address, family, port);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	g_assert_cmpint(fd, >=, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	g_assert_cmpint(bind(fd, &address.sa, len), ==, 0);
	return fd;
}

/* Bound twice: only a port that was asked for outlives a disconnect.  The
 * first is alone on it, so that no other test gets the same. */
int
udp_receiver(int family, uint16_t *port)
{
	const int reuse = 1;
	union address address;
	socklen_t len = sizeof(address);
	int any = bound(family, 0), fd;

	g_assert_cmpint(getsockname(any, &address.sa, &len), ==, 0);
	*port = ntohs(address.in.sin_port);
	setsockopt(any, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	fd = bound(family, *port);
	close(any);
	return fd;
}

void
udp_refuse(int fd, bool refuse)
{
	union address address = { .sa.sa_family = AF_UNSPEC };
	socklen_t len = sizeof(address.sa);

	if (refuse)
		len = loopback(&address, AF_INET, 9);
	g_assert_cmpint(connect(fd, &address.sa, len), ==, 0);
}

ssize_t
udp_receive(int fd, void *data, size_t size, struct sockaddr_storage *from)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	socklen_t len = sizeof(*from);

	if (poll(&pollfd, 1, UDP_WAIT_MS) != 1)
		return -1;
	return recvfrom(fd, data, size, 0, (struct sockaddr *)from,
			from ? &len : NULL);
}

void
udp_loop_until(const uint64_t *count, uint64_t limit)
{
	const int64_t end = g_get_monotonic_time() + UDP_FAIL_US;

	while (*count < limit) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_main_context_iteration(NULL, FALSE);
		g_usleep(1000);
	}
}
