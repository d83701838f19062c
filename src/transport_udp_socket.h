/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_udp_socket.h - where UDP sends to, and from which port.
 *
 * The source port, by which collectors tell exporters apart, stays the same for
 * as long as we run, whatever becomes of addresses and routes.  Datagrams are
 * never fragmented: one too long for the path is refused with EMSGSIZE.
 */
#ifndef TRANSPORT_UDP_SOCKET_H
#define TRANSPORT_UDP_SOCKET_H

#include "transport_inet.h"

struct udp_socket {
	int fd; /* -1: none */
	bool connected;
	uint32_t mtu; /* octets of payload that the route takes in a packet */
	struct inet_address address;
	char *peer;    /* ADDRESS:PORT, for the log; NULL: none yet */
	uint16_t port; /* our own; 0: none yet */
};

/* To the first of ADDRESSES with a route, from the local address SOURCE;
 * without any route, to the last: one may come.  False with *ERROR if there is
 * no socket to be had. */
bool udp_socket_open(struct udp_socket *sock, const GArray *addresses,
		     const char *source, GError **error);
void udp_socket_close(struct udp_socket *sock);

/* Whether it is open, and to one of ADDRESSES. */
bool udp_socket_is_to(const struct udp_socket *sock, const GArray *addresses);

/* Anew: else the kernel clings to a local address that may be gone.  False
 * with errno. */
bool udp_socket_connect(struct udp_socket *sock);

#endif
