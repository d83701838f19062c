/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "../sender.h"
#include "../tap.h"
#include "../udp.h"

static void
check_arrival(int family, const char *host)
{
	struct sender s;

	sender_setup(&s, family, host, "");
	sender_send(&s, 'a', 1);
	sender_send(&s, 'b', 1400);
	sender_expect_nothing(&s);
	sender_assert_stats(&s, 0, 0, 0);
	sender_flush(&s);
	sender_expect(&s, 'a', 1);
	sender_expect(&s, 'b', 1400);
	sender_assert_stats(&s, 2, 1401, 0);
	g_assert_cmpuint(s.n_missed, ==, 0);
	g_assert_cmpuint(s.n_calls, ==, 1);
	sender_assert_logged(&s, "");
	sender_teardown(&s);
}

static void
test_ipv4(void)
{
	check_arrival(AF_INET, "127.0.0.1");
}

static void
test_ipv6(void)
{
	g_autofree char *addresses = NULL;

	g_file_get_contents("/proc/net/if_inet6", &addresses, NULL, NULL);
	if (!addresses || !strstr(addresses, " lo\n")) {
		g_test_skip("no ::1 here");
		return;
	}
	check_arrival(AF_INET6, "::1");
}

static void
test_batches(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	for (int i = 0; i < 100; i++)
		sender_send(&s, i, 10 + i);
	g_assert_cmpuint(s.stats.messages_sent, ==, 96);
	sender_flush(&s);
	sender_flush(&s);
	g_assert_cmpuint(s.n_calls, ==, 4);
	for (int i = 0; i < 100; i++)
		sender_expect(&s, i, 10 + i);
	sender_assert_stats(&s, 100, 5950, 0);
	sender_teardown(&s);
}

static void
test_source(void)
{
	struct sockaddr_storage from;
	struct sender s;
	uint8_t got[1];

	sender_setup(&s, AF_INET, "127.0.0.1", "127.0.0.2");
	sender_send(&s, 'a', 1);
	sender_flush(&s);
	g_assert_cmpint(udp_receive(s.fd, got, 1, &from), ==, 1);
	g_assert_cmphex(((struct sockaddr_in *)&from)->sin_addr.s_addr, ==,
			htonl(INADDR_LOOPBACK + 1));
	sender_teardown(&s);
}

static void
check_error(const char *host, const char *source, const char *expected)
{
	g_autoptr(GError) error = NULL;
	struct sender s = { .port = 4739, .patient = true };

	g_assert_null(sender_try(&s, host, source, &error));
	g_assert_nonnull(error);
	if (!g_str_has_prefix(error->message, expected))
		g_assert_cmpstr(error->message, ==, expected);
}

static void
test_errors(void)
{
	check_error("nonexistent.invalid", "",
		    "cannot resolve nonexistent.invalid: ");
	check_error("127.0.0.1", "192.0.2.99",
		    "cannot send from 192.0.2.99: "
		    "Cannot assign requested address");
	check_error("127.0.0.1", "::1",
		    "cannot send from ::1: Address family not supported");
	check_error("127.0.0.1", "localhost", "cannot resolve localhost: ");
}

static void
test_find(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(transport_find("udp", NULL) == &transport_udp);
	g_assert_null(transport_find("pigeon", &error));
	g_assert_cmpstr(
		error->message, ==,
		"unknown transport \"pigeon\", known are: udp tcp sctp file zmq");
}

/* Messages of equal length, and a shorter one behind them, are one packet to
 * the kernel; a longer one begins the next. */
static void
test_segments(void)
{
	static const size_t lens[] = { 10, 10, 10, 4, 10, 10, 12, 12, 9, 9 };
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	s.segments = true;
	for (size_t i = 0; i < G_N_ELEMENTS(lens); i++)
		sender_send(&s, i, lens[i]);
	sender_flush(&s);
	for (size_t i = 0; i < G_N_ELEMENTS(lens); i++)
		sender_expect(&s, i, lens[i]);
	sender_expect_nothing(&s);
	g_assert_cmpuint(s.n_calls, ==, 1);
	g_assert_cmpuint(s.n_packets, ==, 4);
	sender_assert_stats(&s, 10, 96, 0);
	sender_teardown(&s);
}

/* More than a packet holds. */
static void
test_segments_long(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	s.segments = true;
	for (int i = 0; i < 10; i++)
		sender_send(&s, i, 30000);
	sender_flush(&s);
	g_assert_cmpuint(s.n_packets, ==, 5);
	sender_assert_stats(&s, 10, 300000, 0);
	sender_teardown(&s);
}

static uint16_t
source_port(struct sender *s)
{
	struct sockaddr_storage from;
	uint8_t got[10];

	sender_send(s, 'a', 10);
	sender_flush(s);
	g_assert_cmpint(udp_receive(s->fd, got, sizeof(got), &from), ==, 10);
	return ((struct sockaddr_in *)&from)->sin_port;
}

/* Whatever happens to routes: by it collectors know us. */
static void
test_source_port(void)
{
	struct sender s;
	uint16_t port;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	port = source_port(&s);
	for (int i = 0; i < 5; i++) {
		sender_fail(&s, 0, ENETUNREACH, 3);
		sender_send(&s, 'b', 20);
		sender_flush(&s);
		udp_loop_until(&s.n_room, i + 1);
		sender_expect(&s, 'b', 20);
		g_assert_cmpuint(source_port(&s), ==, port);
	}
	sender_teardown(&s);
}

/* What the route takes, if the user leaves it to that. */
static void
test_mtu(void)
{
	struct sender s;

	sender_setup(&s, AF_INET, "127.0.0.1", "");
	g_assert_cmpuint(transport_udp.mtu(s.transport), ==, 0);
	s.collector.mtu = 0;
	g_assert_cmpuint(transport_udp.mtu(s.transport), ==,
			 COLLECTOR_AUTO_MTU);
	s.collector.mtu = SENDER_MTU;
	sender_teardown(&s);
}

static void
add(void)
{
	g_test_add_func("/transport/udp/source-port", test_source_port);
	g_test_add_func("/transport/udp/mtu", test_mtu);
	g_test_add_func("/transport/udp/segments", test_segments);
	g_test_add_func("/transport/udp/segments-long", test_segments_long);
	g_test_add_func("/transport/find", test_find);
	g_test_add_func("/transport/udp/ipv4", test_ipv4);
	g_test_add_func("/transport/udp/ipv6", test_ipv6);
	g_test_add_func("/transport/udp/batches", test_batches);
	g_test_add_func("/transport/udp/source", test_source);
	g_test_add_func("/transport/udp/errors", test_errors);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
