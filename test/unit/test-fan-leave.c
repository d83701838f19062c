/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who goes delivers what it has, for as long as it may. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../fanned.h"
#include "../logged.h"
#include "../tap.h"

static void
test_leave(struct fanned *f, const void *data)
{
	(void)data;
	fanned_set(f, FANNED_COLLECTORS("one a", "two b"));
	fanned_push(f);
	fanned_set(f, FANNED_COLLECTORS("two b"));
	logged_expect("i collector one: removed\n", NULL, NULL);
	g_assert_true(fan_is_changing(f->fan));
	fanned_push(f);
	fanned_settle(f);
	logged_expect("i former collector one: messages_sent=1 octets_sent=72 "
		      "records_exported=1 records_dropped=0 packets_dropped=0 "
		      "octets_dropped=0 records_skipped=0 records_joined=0 "
		      "send_errors=0 reconnects=0\n",
		      NULL, NULL);
	fanned_expect(f, "one", "p");
	fanned_expect(f, "two", "oo");
}

/* Records, of a line each, that came by now. */
static unsigned
receive(int fd)
{
	char octets[2048];
	unsigned n = 0;
	ssize_t len;

	while ((len = recv(fd, octets, sizeof(octets), MSG_DONTWAIT)) > 0)
		while (len > 0)
			n += octets[--len] == '\n';
	return n;
}

/* Who may send only so much at a time sends on until all is sent. */
static void
test_deliver(struct fanned *f, const void *data)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	g_autofree char *slow = NULL;
	unsigned n;

	(void)data;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, len), ==, 0);
	g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &len), ==,
			0);
	slow = g_strdup_printf("json+udp://127.0.0.1:%u?name=x&template=a&"
			       "mtu=200&rate=50",
			       ntohs(address.sin_port));
	fanned_set(f, FANNED_COLLECTORS("one a", slow));
	for (int i = 0; i < 100; i++)
		fanned_push(f);
	fanned_set(f, FANNED_COLLECTORS("one a"));
	n = receive(fd);
	g_assert_cmpuint(n, <, 100);
	fanned_settle(f);
	g_assert_cmpuint(n + receive(fd), ==, 100);
	logged_forget();
	close(fd);
}

/* Nobody is there: it waits, and then is dropped; or at once. */
static void
test_time(struct fanned *f, const void *data)
{
	const char *nobody = "json+tcp://127.0.0.1:9?name=x&template=a";
	int64_t began_us = g_get_monotonic_time();

	(void)data;
	fanned_set(f, FANNED_COLLECTORS("one a", nobody));
	fanned_push(f);
	fanned_set(f, FANNED_COLLECTORS("one a"));
	fanned_settle(f);
	g_assert_cmpint(g_get_monotonic_time() - began_us, >=, 3900000);
	fanned_set(f, FANNED_COLLECTORS("one a", nobody));
	fanned_push(f);
	fanned_set(f, FANNED_COLLECTORS("one a"));
	began_us = g_get_monotonic_time();
	fan_give_up(f->fan);
	fanned_settle(f);
	g_assert_cmpint(g_get_monotonic_time() - began_us, <, 3900000);
	fanned_expect(f, "one", "pp");
}

static void
add(void)
{
	FANNED_ADD("leave", test_leave);
	FANNED_ADD("deliver", test_deliver);
	FANNED_ADD("time", test_time);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
