/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_udp_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#define UDP_SNDBUF   (4 << 20) /* holds a burst while the wire is slower */
#define UDP_HEADERS  (20 + 8)
#define UDP_HEADERS6 (40 + 8)
#define UDP_TRIES    10 /* to keep a port that was free a moment ago */

static void
set_options(int fd, int family)
{
	const int size = UDP_SNDBUF, discover = IP_PMTUDISC_DO;

	/* FORCE, beyond net.core.wmem_max, takes CAP_NET_ADMIN. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &discover,
			   sizeof(discover));
	else
		setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover,
			   sizeof(discover));
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_storage own = { 0 };
	socklen_t len = sizeof(own);

	/* Both families have it at the same place. */
	getsockname(fd, (struct sockaddr *)&own, &len);
	return ntohs(((struct sockaddr_in *)&own)->sin_port);
}

/* A port that the kernel chooses goes with the next disconnect, one that was
 * asked for stays: ask for what it chose. */
static int
open_port(struct udp_socket *sock, const struct inet_address *address,
	  const char *source, GError **error)
{
	struct inet_local local = { source, sock->port };
	const struct sockaddr_storage any = { .ss_family =
						      address->sa.sa_family };
	int fd = inet_open(address, SOCK_DGRAM, 0, &local, error);

	if (fd < 0 || sock->port)
		return fd;
	if (!*source)
		bind(fd, (const struct sockaddr *)&any, address->len);
	local.port = port_of(fd);
	close(fd);
	fd = inet_open(address, SOCK_DGRAM, 0, &local, error);
	if (fd >= 0)
		sock->port = local.port;
	return fd;
}

/* Of a route without one, the least that there may be. */
static uint32_t
path_mtu(const struct udp_socket *sock)
{
	bool v6 = sock->address.sa.sa_family == AF_INET6;
	int mtu = v6 ? 1280 : 576;
	socklen_t len = sizeof(mtu);

	if (v6)
		getsockopt(sock->fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &len);
	else
		getsockopt(sock->fd, IPPROTO_IP, IP_MTU, &mtu, &len);
	return mtu - (v6 ? UDP_HEADERS6 : UDP_HEADERS);
}

bool
udp_socket_connect(struct udp_socket *sock)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	int error;

	connect(sock->fd, &none, sizeof(none));
	sock->connected =
		connect(sock->fd, &sock->address.sa, sock->address.len) == 0;
	error = errno;
	sock->mtu = path_mtu(sock);
	errno = error;
	return sock->connected;
}

/* Somebody may take the port before we ask for it. */
static bool
open_one(struct udp_socket *sock, const struct inet_address *address,
	 const char *source, GError **error)
{
	for (int tries = 0; sock->fd < 0 && tries < UDP_TRIES; tries++) {
		g_clear_error(error);
		sock->fd = open_port(sock, address, source, error);
	}
	if (sock->fd < 0)
		return false;
	sock->address = *address;
	g_free(sock->peer);
	sock->peer = inet_text(address);
	set_options(sock->fd, address->sa.sa_family);
	return true;
}

bool
udp_socket_open(struct udp_socket *sock, const GArray *addresses,
		const char *source, GError **error)
{
	for (guint i = 0; i < addresses->len && !sock->connected; i++) {
		udp_socket_close(sock);
		if (open_one(sock,
			     &g_array_index(addresses, struct inet_address, i),
			     source, error))
			udp_socket_connect(sock);
	}
	return sock->fd >= 0;
}

bool
udp_socket_is_to(const struct udp_socket *sock, const GArray *addresses)
{
	for (guint i = 0; i < addresses->len && sock->fd >= 0; i++)
		if (inet_equal(
			    &sock->address,
			    &g_array_index(addresses, struct inet_address, i)))
			return true;
	return false;
}

void
udp_socket_close(struct udp_socket *sock)
{
	if (sock->fd >= 0)
		close(sock->fd);
	sock->fd = -1;
	sock->connected = false;
}
