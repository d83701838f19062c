/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_zmq_setup.h"

#include <string.h>

#include "transport_zmq_calls.h"

#define RECONNECT_MS 1000 /* at first; then up to the collector's reconnect */
#define KEY_LEN	     41	  /* Z85, with NUL */

enum {
	PROBES = 6,
	RCVHWM = 64, /* subscriptions: libzmq takes in all there are at once */
	MAX_LEN = 4096,
	SNDBUF = 1 << 18, /* what goes with a connection, and nobody counts */
};

void
setup_int(void *socket, int option, int value)
{
	zmq.setsockopt(socket, option, &value, sizeof(value));
}

static int
ms_of(uint64_t ns)
{
	return CLAMP(ns / 1000000, 1, G_MAXINT);
}

static void
set_keepalive(void *socket, uint64_t ns)
{
	int idle_s = MAX(1, ns / 1000000000);

	if (ns == 0)
		return;
	setup_int(socket, ZMQ_TCP_KEEPALIVE, 1);
	setup_int(socket, ZMQ_TCP_KEEPALIVE_IDLE, idle_s);
	setup_int(socket, ZMQ_TCP_KEEPALIVE_INTVL, MAX(1, idle_s / PROBES));
	setup_int(socket, ZMQ_TCP_KEEPALIVE_CNT, PROBES);
	setup_int(socket, ZMQ_TCP_MAXRT, ms_of(2 * ns));
}

/* The collector is the server whoever connects; our own key is for this
 * socket's life. */
static bool
encrypt(void *socket, const char *server_key)
{
	char public_key[KEY_LEN], secret_key[KEY_LEN];
	bool done;

	if (!*server_key)
		return true;
	if (zmq.curve_keypair(public_key, secret_key) != 0)
		return false;
	done = !zmq.setsockopt(socket, ZMQ_CURVE_SERVERKEY, server_key,
			       KEY_LEN) &&
	       !zmq.setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key,
			       KEY_LEN) &&
	       !zmq.setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key,
			       KEY_LEN);
	explicit_bzero(secret_key, sizeof(secret_key));
	return done;
}

/* VERBOSER: each subscriber counts.  IMMEDIATE: a connection's messages go with
 * it, as do its subscriptions. */
bool
setup_options(void *socket, const struct collector *collector)
{
	const int64_t max_len = MAX_LEN;
	int reconnect_ms = ms_of(collector->reconnect_ns);

	setup_int(socket, ZMQ_XPUB_VERBOSER, 1);
	setup_int(socket, ZMQ_XPUB_NODROP, 1);
	setup_int(socket, ZMQ_IMMEDIATE, 1);
	setup_int(socket, ZMQ_SNDHWM, collector->zmq_hwm);
	setup_int(socket, ZMQ_RCVHWM, RCVHWM);
	zmq.setsockopt(socket, ZMQ_MAXMSGSIZE, &max_len, sizeof(max_len));
	setup_int(socket, ZMQ_SNDBUF, SNDBUF);
	setup_int(socket, ZMQ_IPV6, 1);
	setup_int(socket, ZMQ_RECONNECT_IVL, MIN(RECONNECT_MS, reconnect_ms));
	setup_int(socket, ZMQ_RECONNECT_IVL_MAX, reconnect_ms);
	setup_int(socket, ZMQ_CONNECT_TIMEOUT,
		  ms_of(collector->connect_timeout_ns));
	setup_int(socket, ZMQ_HANDSHAKE_IVL,
		  ms_of(collector->connect_timeout_ns));
	set_keepalive(socket, collector->tcp_keepalive_ns);
	return encrypt(socket, collector->zmq_server_key);
}

static char *
bracketed(const char *host)
{
	return g_strdup_printf(strchr(host, ':') ? "[%s]" : "%s", host);
}

bool
setup_endpoint(void *socket, const struct transport_args *args)
{
	const struct collector *collector = args->collector;
	g_autofree char *host = bracketed(collector->host);
	g_autofree char *source = bracketed(collector->source);
	g_autofree char *local = g_strdup_printf("%s:0;", source);
	g_autofree char *endpoint = g_strdup_printf(
		"tcp://%s%s:%u", !collector->zmq_bind && *source ? local : "",
		host, args->port);

	return (collector->zmq_bind ? zmq.bind : zmq.connect)(socket,
							      endpoint) == 0;
}
