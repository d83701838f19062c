/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "../sender.h"
#include "../tap.h"
#include "../udp.h"

static void
test_refused(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	udp_refuse(s.fd, true);
	for (unsigned i = 1; i <= 3; i++) {
		sender_send(&s, 'a', 10);
		sender_flush(&s);
		udp_loop_until(&s.n_missed, i);
		g_assert_cmpuint(s.stats.send_errors, ==, i);
	}
	sender_assert_stats(&s, 3, 30, 0);
	sender_assert_logged(&s, "w collector main: connection refused by "
				 "127.0.0.1:PORT, still sending\n");

	/* No answer to so many at once says nothing. */
	udp_refuse(s.fd, false);
	for (unsigned i = 0; i < 10; i++) {
		sender_send(&s, 'b', 10);
		sender_flush(&s);
		sender_expect(&s, 'b', 10);
	}
	sender_assert_logged(&s, "");
	sender_later(3 * G_USEC_PER_SEC);
	sender_send(&s, 'c', 10);
	sender_flush(&s);
	sender_expect(&s, 'c', 10);
	sender_assert_stats(&s, 14, 140, 0);
	g_assert_cmpuint(s.stats.send_errors, ==, 3);
	sender_assert_logged(&s, "i collector main: no more errors from "
				 "127.0.0.1:PORT\n");
	sender_teardown(&s);
}

/* The refusal comes while the batch is being sent, and nobody runs the loop. */
static void
test_refused_batch(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	udp_refuse(s.fd, true);
	for (int i = 0; i < 100; i++)
		sender_send(&s, i, 10);
	sender_flush(&s);
	sender_assert_stats(&s, 100, 1000, 0);
	g_assert_cmpuint(s.stats.send_errors, >, 0);
	g_assert_cmpuint(s.n_missed, >, 0);
	sender_teardown(&s);
}

static void
test_too_long(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	sender_send(&s, 'a', 10);
	sender_send(&s, 'b', 65508);
	sender_send(&s, 'c', 65509);
	sender_send(&s, 'd', 10);
	sender_flush(&s);
	sender_expect(&s, 'a', 10);
	sender_expect(&s, 'd', 10);
	sender_assert_stats(&s, 2, 20, 2);
	g_assert_cmpuint(s.stats.send_errors, >=, 2);
	sender_assert_logged(&s,
			     "w collector main: messages are too long for the "
			     "path to 127.0.0.1:PORT, lower its mtu\n");
	sender_teardown(&s);
}

/* One answer is of an earlier message: nothing is lost for it. */
static void
test_told_once(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	sender_fail(&s, 0, EHOSTUNREACH, 1);
	sender_send(&s, 'a', 10);
	sender_flush(&s);
	sender_expect(&s, 'a', 10);
	sender_assert_stats(&s, 1, 10, 0);
	g_assert_cmpuint(s.stats.send_errors, ==, 1);
	g_assert_cmpuint(s.n_missed, ==, 1);
	sender_teardown(&s);
}

/* What cannot go waits for a second, and goes then. */
static void
test_unreachable(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	sender_fail(&s, 0, ENETUNREACH, SENDER_ALWAYS);
	sender_send(&s, 'a', 10);
	sender_flush(&s);
	g_assert_false(transport_udp.ready(s.transport));
	g_assert_false(transport_udp.healthy(s.transport));
	g_assert_true(transport_udp.busy(s.transport));
	sender_assert_stats(&s, 0, 0, 0);
	g_assert_cmpuint(s.stats.send_errors, >, 0);
	g_assert_cmpuint(s.n_missed, >, 0);
	sender_assert_logged(&s,
			     "w collector main: cannot send to 127.0.0.1:PORT: "
			     "Network is unreachable, trying again\n");
	sender_flush(&s);
	g_assert_cmpuint(s.n_calls, ==, 3);

	sender_fail(&s, 0, 0, 0);
	udp_loop_until(&s.n_room, 1);
	sender_expect(&s, 'a', 10);
	sender_assert_stats(&s, 1, 10, 0);
	g_assert_true(transport_udp.ready(s.transport));
	sender_teardown(&s);
}

/* Who reads captures waits for an end. */
static void
test_unreachable_patient(void)
{
	struct sender s;

	sender_setup_patient(&s);
	sender_fail(&s, 0, ENETUNREACH, SENDER_ALWAYS);
	for (int i = 0; i < 40; i++)
		sender_send(&s, i, 10);
	sender_flush(&s);
	sender_assert_stats(&s, 0, 0, 40);
	g_assert_true(transport_udp.ready(s.transport));
	sender_teardown(&s);
}

/* What the socket has no room for waits; the loop goes on as soon as it can. */
static void
test_full(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	sender_fail(&s, 0, EAGAIN, SENDER_ALWAYS);
	for (int i = 0; i < 32; i++)
		sender_send(&s, i, 10);
	g_assert_false(transport_udp.ready(s.transport));
	sender_flush(&s);
	sender_assert_stats(&s, 0, 0, 0);
	sender_assert_logged(&s, "");
	g_assert_cmpuint(s.n_room, ==, 0);

	sender_fail(&s, 0, 0, 0);
	udp_loop_until(&s.n_room, 1);
	for (int i = 0; i < 32; i++)
		sender_expect(&s, i, 10);
	sender_expect_nothing(&s);
	sender_assert_stats(&s, 32, 320, 0);
	sender_teardown(&s);
}

/* At the end, what is left is counted. */
static void
test_give_up(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	sender_fail(&s, 0, EAGAIN, SENDER_ALWAYS);
	for (int i = 0; i < 7; i++)
		sender_send(&s, i, 10);
	transport_udp.give_up(s.transport);
	g_assert_false(transport_udp.busy(s.transport));
	sender_assert_stats(&s, 0, 0, 7);
	sender_teardown(&s);
}

/* The ring goes round: it is full again before it was empty. */
static void
test_full_in_part(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	sender_fail(&s, 10, EAGAIN, SENDER_ALWAYS);
	for (int i = 0; i < 42; i++)
		sender_send(&s, i, 10);
	g_assert_false(transport_udp.ready(s.transport));
	sender_assert_stats(&s, 10, 100, 0);
	sender_fail(&s, 0, 0, 0);
	sender_flush(&s);
	for (int i = 0; i < 42; i++)
		sender_expect(&s, i, 10);
	sender_expect_nothing(&s);
	sender_assert_stats(&s, 42, 420, 0);
	sender_teardown(&s);
}

static void
test_no_memory(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	sender_fail(&s, 0, ENOBUFS, 1);
	sender_send(&s, 'a', 10);
	sender_flush(&s);
	sender_assert_stats(&s, 0, 0, 0);
	udp_loop_until(&s.n_calls, 2);
	sender_expect(&s, 'a', 10);
	sender_assert_stats(&s, 1, 10, 0);
	sender_teardown(&s);
}

static void
add(void)
{
	g_test_add_func("/transport/udp/refused", test_refused);
	g_test_add_func("/transport/udp/refused-batch", test_refused_batch);
	g_test_add_func("/transport/udp/too-long", test_too_long);
	g_test_add_func("/transport/udp/told-once", test_told_once);
	g_test_add_func("/transport/udp/unreachable", test_unreachable);
	g_test_add_func("/transport/udp/unreachable-patient",
			test_unreachable_patient);
	g_test_add_func("/transport/udp/give-up", test_give_up);
	g_test_add_func("/transport/udp/full", test_full);
	g_test_add_func("/transport/udp/full-in-part", test_full_in_part);
	g_test_add_func("/transport/udp/no-memory", test_no_memory);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
