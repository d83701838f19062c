/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport_inet.h"

#define INET_SNDBUF (4 << 20) /* holds a burst while the wire is slower */

static struct addrinfo *
resolve(const char *host, const char *port, const struct addrinfo *hints,
	GError **error)
{
	struct addrinfo *list;
	int code = getaddrinfo(host, port, hints, &list);

	if (code == 0)
		return list;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND,
		    "cannot resolve %s: %s", host,
		    code == EAI_SYSTEM ? g_strerror(errno)
				       : gai_strerror(code));
	return NULL;
}

static void
set_errno(GError **error, const char *what, const char *address)
{
	int code = errno;

	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "%s%s: %s",
		    what, address, g_strerror(code));
}

static bool
bind_source(int fd, const struct addrinfo *to, const char *source,
	    GError **error)
{
	const struct addrinfo hints = {
		.ai_family = to->ai_family,
		.ai_socktype = to->ai_socktype,
		.ai_flags = AI_NUMERICHOST,
	};
	struct addrinfo *list;
	bool ok;

	if (!*source)
		return true;
	list = resolve(source, NULL, &hints, error);
	if (!list)
		return false;
	ok = bind(fd, list->ai_addr, list->ai_addrlen) == 0;
	if (!ok)
		set_errno(error, "cannot send from ", source);
	freeaddrinfo(list);
	return ok;
}

struct addrinfo *
inet_resolve(const char *host, uint16_t port, int type, GError **error)
{
	const struct addrinfo hints = {
		.ai_socktype = type,
		.ai_flags = AI_NUMERICSERV,
	};
	g_autofree char *service = g_strdup_printf("%u", port);

	return resolve(host, service, &hints, error);
}

int
inet_open(const struct addrinfo *ai, const char *source, GError **error)
{
	const int size = INET_SNDBUF;
	int fd = socket(ai->ai_family,
			ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
			ai->ai_protocol);

	if (fd < 0) {
		set_errno(error, "cannot open a socket", "");
		return -1;
	}
	/* FORCE, beyond net.core.wmem_max, takes CAP_NET_ADMIN. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (bind_source(fd, ai, source, error))
		return fd;
	close(fd);
	return -1;
}

char *
inet_text(const struct addrinfo *ai)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	getnameinfo(ai->ai_addr, ai->ai_addrlen, host, sizeof(host), port,
		    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	return g_strdup_printf(ai->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
			       host, port);
}
