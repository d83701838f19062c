/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Over ZeroMQ, to subscribers of our own: what is exported is what they could
 * get, and what is not is counted.
 */
#include <zmq.h>

#include "../logged.h"
#include "../stream.h"
#include "../subscribed.h"
#include "../tap.h"

static const struct transport_ops *const zmq = &transport_zmq;

static void
test_messages(void)
{
	struct subscribed s;
	void *socket;

	subscribed_setup(&s);
	g_assert_false(subscribed_send(&s));
	socket = subscribed_socket(&s, false, NULL);
	subscribed_until_up(&s, socket, 1);
	g_assert_cmpuint(s.rig.n_room, ==, 1);
	logged_expect("i collector main: subscribed\n", NULL, NULL);
	for (uint64_t i = 0; i < 3; i++) {
		g_assert_true(subscribed_send(&s));
		zmq->flush(s.rig.transport);
		subscribed_expect(socket, i);
	}
	rig_until_idle(&s.rig);
	g_assert_cmpuint(s.rig.stats.messages_sent, ==, 3);
	g_assert_cmpuint(s.rig.stats.octets_sent, ==, 3 * SUBSCRIBED_LEN);
	g_assert_cmpuint(s.rig.stats.records_exported, ==,
			 3 * SUBSCRIBED_RECORDS);
	g_assert_cmpuint(s.rig.stats.records_dropped, ==, 0);
	zmq_close(socket);
	subscribed_until_left(&s);
	logged_expect("w collector main: no longer subscribed, "
		      "records wait\n",
		      NULL, NULL);
	g_assert_false(zmq->ready(s.rig.transport));
	g_assert_cmpuint(s.rig.stats.records_dropped, ==, 0);
	subscribed_teardown(&s);
}

/* As many as find room in all buffers on the way, and one. */
static uint64_t
fill(struct subscribed *s)
{
	for (int still = 0; still < 20; still++) {
		while (subscribed_send(s))
			still = 0;
		g_assert_cmpuint(s->n_sent, <, 100000);
		g_usleep(5000);
		zmq->flush(s->rig.transport);
	}
	g_assert_false(zmq->ready(s->rig.transport));
	return s->n_sent;
}

static void
test_slow(void)
{
	struct subscribed s;
	uint64_t n;
	void *socket;

	subscribed_setup(&s);
	socket = subscribed_socket(&s, false, NULL);
	subscribed_until_up(&s, socket, 1);
	n = fill(&s);
	g_assert_cmpuint(n, >, SUBSCRIBED_HWM);
	g_assert_true(zmq->busy(s.rig.transport));
	g_assert_true(zmq->healthy(s.rig.transport));
	for (uint64_t i = 0; i < n - 1; i++)
		subscribed_expect(socket, i);
	/* the one that was held, and then there is room */
	stream_until(&s.rig.n_room, 2);
	subscribed_expect(socket, n - 1);
	g_assert_true(subscribed_send(&s));
	subscribed_expect(socket, n);
	rig_until_idle(&s.rig);
	g_assert_cmpuint(s.rig.stats.records_exported, ==,
			 (n + 1) * SUBSCRIBED_RECORDS);
	g_assert_cmpuint(s.rig.stats.records_dropped, ==, 0);
	zmq_close(socket);
	subscribed_teardown(&s);
}

/* What it left behind is dropped, but for what the kernel had; the one that was
 * held goes to the next. */
static void
test_leaves(void)
{
	struct subscribed s;
	void *socket;
	uint64_t n, sum;

	subscribed_setup(&s);
	socket = subscribed_socket(&s, false, NULL);
	subscribed_until_up(&s, socket, 1);
	n = fill(&s);
	zmq_close(socket);
	subscribed_until_left(&s);
	sum = s.rig.stats.records_exported + s.rig.stats.records_dropped;
	g_assert_cmpuint(sum, ==, (n - 1) * SUBSCRIBED_RECORDS);
	g_assert_cmpuint(s.rig.stats.records_dropped, >=,
			 SUBSCRIBED_HWM / 2 * SUBSCRIBED_RECORDS);
	g_assert_cmpuint(s.rig.stats.packets_dropped, ==,
			 2 * s.rig.stats.records_dropped);
	socket = subscribed_socket(&s, false, NULL);
	subscribed_until_up(&s, socket, 2);
	subscribed_expect(socket, n - 1);
	g_assert_true(subscribed_send(&s));
	subscribed_expect(socket, n);
	rig_until_idle(&s.rig);
	g_assert_cmpuint(s.rig.stats.records_exported +
				 s.rig.stats.records_dropped,
			 ==, (n + 1) * SUBSCRIBED_RECORDS);
	zmq_close(socket);
	subscribed_teardown(&s);
}

/* It asks for thousands of topics, which there are not: libzmq would keep them.
 * Who does no such thing is there again soon. */
static void
test_greedy(void)
{
	struct subscribed s;
	const int none = 0;
	void *socket, *greedy;
	char topic[16];

	subscribed_setup(&s);
	socket = subscribed_socket(&s, false, NULL);
	subscribed_until_up(&s, socket, 1);
	logged_forget();
	greedy = zmq_socket(s.context, ZMQ_XSUB);
	zmq_setsockopt(greedy, ZMQ_SNDHWM, &none, sizeof(none));
	zmq_setsockopt(greedy, ZMQ_LINGER, &none, sizeof(none));
	g_assert_cmpint(zmq_connect(greedy, s.endpoint), ==, 0);
	for (int i = 0; i < 5000; i++) {
		int len = g_snprintf(topic, sizeof(topic), "\1x%d", i);

		g_assert_cmpint(zmq_send(greedy, topic, len, 0), ==, len);
	}
	subscribed_until_left(&s);
	logged_expect("w collector main: more than 4096 subscriptions, which "
		      "is no ntopng: all are shut out for a moment\n"
		      "w collector main: no longer subscribed, records wait\n",
		      NULL, NULL);
	zmq_close(greedy);
	subscribed_until_up(&s, socket, 2);
	g_assert_true(subscribed_send(&s));
	zmq->flush(s.rig.transport);
	subscribed_expect(socket, 0);
	rig_until_idle(&s.rig);
	zmq_close(socket);
	subscribed_teardown(&s);
}

static void
test_give_up(void)
{
	struct subscribed s;
	int64_t began;
	uint64_t n;
	void *socket;

	subscribed_setup(&s);
	socket = subscribed_socket(&s, false, NULL);
	subscribed_until_up(&s, socket, 1);
	n = fill(&s);
	zmq->give_up(s.rig.transport);
	g_assert_cmpuint(s.rig.stats.records_dropped, >=,
			 SUBSCRIBED_HWM / 2 * SUBSCRIBED_RECORDS);
	g_assert_cmpuint(s.rig.stats.records_exported +
				 s.rig.stats.records_dropped,
			 ==, n * SUBSCRIBED_RECORDS);
	g_assert_false(zmq->busy(s.rig.transport));
	began = g_get_monotonic_time();
	zmq->free(s.rig.transport);
	s.rig.transport = NULL;
	g_assert_cmpint(g_get_monotonic_time() - began, <, G_USEC_PER_SEC);
	zmq_close(socket);
	subscribed_teardown(&s);
}

static void
add(void)
{
	g_test_add_func("/transport-zmq/messages", test_messages);
	g_test_add_func("/transport-zmq/slow", test_slow);
	g_test_add_func("/transport-zmq/leaves", test_leaves);
	g_test_add_func("/transport-zmq/greedy", test_greedy);
	g_test_add_func("/transport-zmq/give-up", test_give_up);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
