/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "subscribed.h"

#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "stream.h"

#define HEAD 36

void
subscribed_prepare(struct subscribed *s)
{
	int fd;

	memset(s, 0, sizeof(*s));
	rig_prepare(&s->rig, &transport_zmq);
	fd = stream_listen(&s->rig.port); /* whose port is free then */
	close(fd);
	s->endpoint = g_strdup_printf("tcp://127.0.0.1:%u", s->rig.port);
	s->context = zmq_ctx_new();
	s->rig.collector.zmq_server_key = (char *)"";
	s->rig.collector.zmq_bind = true;
	s->rig.collector.zmq_hwm = SUBSCRIBED_HWM;
	s->rig.collector.reconnect_ns = 50 * RIG_MS;
	s->rig.collector.connect_timeout_ns = 1000 * RIG_MS;
}

void
subscribed_setup(struct subscribed *s)
{
	subscribed_prepare(s);
	rig_begin(&s->rig);
}

void
subscribed_teardown(struct subscribed *s)
{
	transport_zmq.free(s->rig.transport);
	zmq_ctx_term(s->context);
	g_free(s->endpoint);
}

static void
set(void *socket, int option, int value)
{
	g_assert_cmpint(zmq_setsockopt(socket, option, &value, sizeof(value)),
			==, 0);
}

void *
subscribed_socket(struct subscribed *s, bool binds, const char *secret)
{
	void *socket = zmq_socket(s->context, ZMQ_SUB);

	set(socket, ZMQ_LINGER, 0);
	set(socket, ZMQ_RCVHWM, 1);
	set(socket, ZMQ_RCVBUF, 4096);
	set(socket, ZMQ_RCVTIMEO, 5000);
	if (secret) {
		set(socket, ZMQ_CURVE_SERVER, 1);
		zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret, 41);
	}
	zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "event", 5);
	zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "flow", 4);
	g_assert_cmpint((binds ? zmq_bind : zmq_connect)(socket, s->endpoint),
			==, 0);
	return socket;
}

void
subscribed_until_up(struct subscribed *s, void *socket, uint64_t n)
{
	int64_t end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
	zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };

	while (s->rig.n_up < n) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		zmq_poll(&item, 1, 1);
		g_main_context_iteration(NULL, FALSE);
	}
}

void
subscribed_until_left(struct subscribed *s)
{
	int64_t end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

	while (transport_zmq.healthy(s->rig.transport)) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_main_context_iteration(NULL, TRUE);
	}
}

bool
subscribed_send(struct subscribed *s)
{
	uint8_t data[SUBSCRIBED_LEN];
	const struct message message = {
		.data = data,
		.len = SUBSCRIBED_LEN,
		.head = HEAD,
		.tally = { SUBSCRIBED_RECORDS, 2 * SUBSCRIBED_RECORDS,
			   100 * SUBSCRIBED_RECORDS },
	};

	if (!transport_zmq.ready(s->rig.transport))
		return false;
	memset(data, 0, HEAD);
	memcpy(data, "flow", 4);
	memset(data + HEAD, (int)s->n_sent++, SUBSCRIBED_LEN - HEAD);
	transport_zmq.send(s->rig.transport, &message);
	return true;
}

void
subscribed_expect(void *socket, uint64_t n)
{
	uint8_t frame[SUBSCRIBED_LEN];

	g_assert_cmpint(zmq_recv(socket, frame, SUBSCRIBED_LEN, 0), ==, HEAD);
	g_assert_cmpmem(frame, 5, "flow", 5);
	g_assert_cmpint(zmq_recv(socket, frame, SUBSCRIBED_LEN, 0), ==,
			SUBSCRIBED_LEN - HEAD);
	g_assert_cmpint(frame[0], ==, n & 0xff);
	g_assert_cmpint(frame[SUBSCRIBED_LEN - HEAD - 1], ==, n & 0xff);
}
