/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_inet.h - addresses and sockets, for the transports over IP.
 *
 * Nothing here waits for the network but inet_resolve(), which is for who reads
 * captures; who observes looks names up beside the loop.
 */
#ifndef TRANSPORT_INET_H
#define TRANSPORT_INET_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct inet_address {
	union {
		struct sockaddr sa;
		struct sockaddr_storage storage;
	};
	socklen_t len;
};

/* Arrays of struct inet_address, in the order in which they are to be tried;
 * g_array_unref() them.  HOST may have a scope: fe80::1%eth0. */

/* NULL: HOST is a name. */
GArray *inet_numeric(const char *host, uint16_t port);
GArray *inet_resolve(const char *host, uint16_t port, GError **error);

/* inet_resolve() beside the loop, in a thread: DONE is called once, from the
 * loop, with ADDRESSES, which it owns then, or with the ERROR.  NULL: none is
 * under way. */
struct inet_lookup;
struct inet_lookup *inet_lookup_new(const char *host, uint16_t port,
				    void (*done)(void *to, GArray *addresses,
						 const GError *error),
				    void *to);
void inet_lookup_free(struct inet_lookup *lookup); /* DONE is not called */

struct inet_local {
	const char *address; /* ""; any */
	uint16_t port;	     /* 0: any */
};

/* A non-blocking socket of TYPE and PROTOCOL (0: TYPE's own) for ADDRESS, bound
 * to LOCAL; -1 with *ERROR and errno. */
int inet_open(const struct inet_address *address, int type, int protocol,
	      const struct inet_local *local, GError **error);

/* ADDRESS:PORT, for people. */
char *inet_text(const struct inet_address *address);

bool inet_equal(const struct inet_address *one,
		const struct inet_address *other);

#endif
