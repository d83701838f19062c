/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_inet.h - a collector's host as sockets, for transports over IP.
 *
 * Names are resolved when asked, and block: call before the loop runs.
 */
#ifndef TRANSPORT_INET_H
#define TRANSPORT_INET_H

#include <glib.h>
#include <netdb.h>
#include <stdbool.h>

/* Addresses of HOST for sockets of TYPE, to be freed with freeaddrinfo(). */
struct addrinfo *inet_resolve(const char *host, uint16_t port, int type,
			      GError **error);

/* A non-blocking socket for AI, bound to the address SOURCE unless that is
 * empty; -1 on failure. */
int inet_open(const struct addrinfo *ai, const char *source, GError **error);

/* ADDRESS:PORT or [ADDRESS]:PORT. */
char *inet_text(const struct addrinfo *ai);

#endif
