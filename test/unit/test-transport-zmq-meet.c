/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How ZeroMQ and its subscribers meet: who binds, who encrypts, who comes when.
 */
#include <unistd.h>
#include <zmq.h>

#include "../logged.h"
#include "../stream.h"
#include "../subscribed.h"
#include "../tap.h"

static const struct transport_ops *const zmq = &transport_zmq;

/* Each that comes is told of; the others' leaving is not the last one's. */
static void
test_two(void)
{
	struct subscribed s;
	void *one, *other;

	subscribed_setup(&s);
	one = subscribed_socket(&s, false, NULL);
	subscribed_until_up(&s, one, 1);
	other = subscribed_socket(&s, false, NULL);
	subscribed_until_up(&s, other, 2);
	g_assert_true(subscribed_send(&s));
	subscribed_expect(one, 0);
	subscribed_expect(other, 0);
	rig_until_idle(&s.rig);
	zmq_close(one);
	for (int i = 0; i < 20; i++) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(5000);
	}
	g_assert_true(zmq->ready(s.rig.transport));
	g_assert_true(subscribed_send(&s));
	subscribed_expect(other, 1);
	zmq_close(other);
	subscribed_until_left(&s);
	subscribed_teardown(&s);
}

/* To one that comes up later, goes, and comes again. */
static void
test_connect(void)
{
	struct subscribed s;
	void *socket;

	subscribed_prepare(&s);
	s.rig.collector.zmq_bind = false;
	rig_begin(&s.rig);
	for (uint64_t i = 0; i < 2; i++) {
		socket = subscribed_socket(&s, true, NULL);
		subscribed_until_up(&s, socket, i + 1);
		g_assert_true(subscribed_send(&s));
		subscribed_expect(socket, i);
		rig_until_idle(&s.rig);
		zmq_close(socket);
		subscribed_until_left(&s);
	}
	g_assert_cmpuint(s.rig.stats.records_exported, ==,
			 2 * SUBSCRIBED_RECORDS);
	subscribed_teardown(&s);
}

static void
curve(bool binds)
{
	char public_key[41], secret_key[41], other_key[41], no_key[41];
	struct subscribed s;
	void *socket;

	subscribed_prepare(&s);
	g_assert_cmpint(zmq_curve_keypair(public_key, secret_key), ==, 0);
	g_assert_cmpint(zmq_curve_keypair(other_key, no_key), ==, 0);
	s.rig.collector.zmq_bind = !binds;
	s.rig.collector.zmq_server_key = public_key;
	rig_begin(&s.rig);
	socket = subscribed_socket(&s, binds, secret_key);
	subscribed_until_up(&s, socket, 1);
	g_assert_true(subscribed_send(&s));
	subscribed_expect(socket, 0);
	zmq_close(socket);
	subscribed_until_left(&s);
	logged_forget();
	/* who does not encrypt gets nothing, and is told of once */
	socket = subscribed_socket(&s, binds, NULL);
	for (int i = 0; i < 50; i++) {
		zmq_poll(&(zmq_pollitem_t){ .socket = socket }, 1, 10);
		g_main_context_iteration(NULL, FALSE);
	}
	logged_expect("w collector main: a subscriber and we cannot agree: "
		      "does it encrypt, and is zmq_server_key its own?\n",
		      NULL, NULL);
	g_assert_false(zmq->ready(s.rig.transport));
	g_assert_cmpuint(s.rig.n_up, ==, 1);
	zmq_close(socket);
	subscribed_teardown(&s);
}

static void
test_curve(void)
{
	curve(false);
	curve(true);
}

/* As at a reload, where the one that goes has it still. */
static void
test_address(void)
{
	g_autoptr(GError) error = NULL;
	struct subscribed s;
	void *socket;
	int fd;

	subscribed_prepare(&s);
	s.rig.port = 0;
	fd = stream_listen(&s.rig.port);
	g_free(s.endpoint);
	s.endpoint = g_strdup_printf("tcp://127.0.0.1:%u", s.rig.port);
	rig_begin(&s.rig);
	logged_expect_port("w collector main: cannot listen on "
			   "127.0.0.1:PORT: Address already in use, "
			   "trying again\n",
			   s.rig.port);
	close(fd);
	socket = subscribed_socket(&s, false, NULL);
	subscribed_until_up(&s, socket, 1);
	zmq_close(socket);
	zmq->free(s.rig.transport);

	s.rig.collector.host = (char *)"192.0.2.1";
	g_assert_null(rig_open(&s.rig, &error));
	g_assert_true(g_str_has_prefix(error->message,
				       "cannot listen on 192.0.2.1:"));
	s.rig.transport = NULL;
	subscribed_teardown(&s);
}

static void
add(void)
{
	g_test_add_func("/transport-zmq/two", test_two);
	g_test_add_func("/transport-zmq/connect", test_connect);
	g_test_add_func("/transport-zmq/curve", test_curve);
	g_test_add_func("/transport-zmq/address", test_address);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
