/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../logged.h"
#include "../rig.h"
#include "../stream.h"
#include "../tap.h"

#define RECORDS 3 /* in each message */
#define LEN	1000

static const struct transport_ops *const tcp = &transport_tcp;

static void
begin(struct rig *f)
{
	f->collector.mtu = LEN;
	f->collector.reconnect_ns = 200 * RIG_MS;
	f->collector.connect_timeout_ns = 300 * RIG_MS;
	rig_begin(f);
}

static void
setup(struct rig *f)
{
	rig_prepare(f, tcp);
	f->fd = stream_listen(&f->port);
	begin(f);
}

static void
teardown(struct rig *f)
{
	tcp->free(f->transport);
	if (f->fd >= 0)
		close(f->fd);
}

/* The session number N, from its beginning. */
static int
accept_session(struct rig *f, unsigned n)
{
	int fd = stream_accept(f->fd, 5000);

	g_assert_cmpint(fd, >=, 0);
	stream_until(&f->n_up, n);
	return fd;
}

static void
send_one(struct rig *f, uint8_t value)
{
	uint8_t data[LEN];
	const struct message message = {
		.data = data,
		.len = LEN,
		.tally = { RECORDS, 5 * RECORDS, 700 * RECORDS },
	};

	memset(data, value, LEN);
	g_assert_true(tcp->ready(f->transport));
	tcp->send(f->transport, &message);
}

static void
expect(int fd, uint8_t value)
{
	g_autoptr(GByteArray) got = stream_read(fd, LEN);

	g_assert_cmpuint(got->len, ==, LEN);
	for (size_t i = 0; i < LEN; i++)
		g_assert_cmpuint(got->data[i], ==, value);
}

static void
assert_stats(const struct rig *f, uint64_t n_sent, uint64_t n_dropped)
{
	g_assert_cmpuint(f->stats.messages_sent, ==, n_sent);
	g_assert_cmpuint(f->stats.octets_sent, ==, n_sent * LEN);
	g_assert_cmpuint(f->stats.records_exported, ==, n_sent * RECORDS);
	g_assert_cmpuint(f->stats.records_dropped, ==, n_dropped * RECORDS);
	g_assert_cmpuint(f->stats.packets_dropped, ==, n_dropped * RECORDS * 5);
	g_assert_cmpuint(f->stats.octets_dropped, ==,
			 n_dropped * RECORDS * 700);
}

static void
test_order(void)
{
	struct rig f;
	int fd;

	setup(&f);
	g_assert_false(tcp->healthy(f.transport));
	fd = accept_session(&f, 1);
	logged_expect_port("i collector main: connected to 127.0.0.1:PORT\n",
			   f.port);
	g_assert_cmpuint(f.n_room, ==, 1);
	g_assert_true(tcp->healthy(f.transport));
	g_assert_false(tcp->busy(f.transport));
	for (int i = 0; i < 3; i++)
		send_one(&f, i);
	g_assert_true(tcp->busy(f.transport));
	tcp->flush(f.transport);
	rig_until_idle(&f);
	assert_stats(&f, 3, 0);
	for (int i = 0; i < 3; i++)
		expect(fd, i);

	tcp->free(g_steal_pointer(&f.transport));
	g_autoptr(GByteArray) rest = stream_read(fd, 1);
	g_assert_cmpuint(rest->len, ==, 0);
	close(fd);
	teardown(&f);
}

/* Attempts are made no faster than asked for, and the log hears of one. */
static void
test_refused(void)
{
	struct rig f;
	int64_t began;
	int fd;

	rig_prepare(&f, tcp);
	f.fd = stream_listen(&f.port);
	close(f.fd);
	began = g_get_monotonic_time();
	begin(&f);
	stream_until(&f.stats.send_errors, 3);
	/* One at once, one after 200 ms, one after 200 more. */
	g_assert_cmpint(g_get_monotonic_time() - began, >=, 400000);
	logged_expect_port(
		"w collector main: cannot connect to 127.0.0.1:PORT: "
		"Connection refused, trying again in S\n",
		f.port);
	g_assert_false(tcp->ready(f.transport));

	f.fd = stream_listen(&f.port);
	fd = accept_session(&f, 1);
	logged_expect_port("i collector main: connected to 127.0.0.1:PORT\n",
			   f.port);
	close(fd);
	teardown(&f);
}

/* What the collector's host did not acknowledge is lost, by name. */
static void
test_reset(void)
{
	struct rig f;
	unsigned n = 0;
	int fd;

	setup(&f);
	fd = accept_session(&f, 1);
	send_one(&f, 'a');
	tcp->flush(f.transport);
	rig_until_idle(&f);
	while (tcp->ready(f.transport) && ++n)
		send_one(&f, 'b');
	stream_reset(fd);
	logged_forget();
	fd = accept_session(&f, 2);
	g_assert_cmpuint(f.stats.records_exported + f.stats.records_dropped, ==,
			 (n + 1) * RECORDS);
	g_assert_cmpuint(f.stats.records_dropped, >, 0);
	assert_stats(&f, f.stats.messages_sent, n + 1 - f.stats.messages_sent);
	logged_expect_port("w collector main: lost the connection to "
			   "127.0.0.1:PORT: Connection reset by peer, trying "
			   "again in S\n"
			   "i collector main: connected to 127.0.0.1:PORT\n",
			   f.port);

	send_one(&f, 'c');
	tcp->flush(f.transport);
	expect(fd, 'c');
	close(fd);
	teardown(&f);
}

/* One that says goodbye and reads on gets all that is on its way. */
static void
test_goodbye(void)
{
	g_autoptr(GByteArray) got = NULL;
	struct rig f;
	unsigned n = 0;
	int fd;

	setup(&f);
	fd = accept_session(&f, 1);
	while (tcp->ready(f.transport) && ++n)
		send_one(&f, 'b');
	tcp->flush(f.transport);
	shutdown(fd, SHUT_WR);
	got = stream_read(fd, SIZE_MAX);
	g_assert_cmpuint(got->len, ==, n * LEN);
	assert_stats(&f, n, 0);
	close(fd);
	close(accept_session(&f, 2));
	teardown(&f);
}

/* A slow one is waited for, and nobody is held meanwhile. */
static void
test_slow(void)
{
	struct rig f;
	unsigned n = 0, seen = 0;
	int fd;

	setup(&f);
	fd = accept_session(&f, 1);
	while (tcp->ready(f.transport))
		send_one(&f, n++);
	g_assert_cmpuint(f.n_room, ==, 1);
	while (f.n_room < 2)
		expect(fd, seen++);
	send_one(&f, n++);
	tcp->flush(f.transport);
	while (seen < n)
		expect(fd, seen++);
	rig_until_idle(&f);
	assert_stats(&f, n, 0);
	close(fd);
	teardown(&f);
}

static gboolean
count(gpointer n)
{
	++*(unsigned *)n;
	return G_SOURCE_CONTINUE;
}

/* One that talks without end keeps nobody from their work, and is heard to say
 * goodbye. */
static void
test_talks(void)
{
	static const char talk[1 << 20];
	const int64_t end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
	struct rig f;
	unsigned n = 0, source = g_idle_add(count, &n);
	int fd;

	setup(&f);
	fd = accept_session(&f, 1);
	while (n < 1000) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		send(fd, talk, sizeof(talk), MSG_DONTWAIT);
		g_main_context_iteration(NULL, TRUE);
	}
	g_source_remove(source);
	send_one(&f, 'a');
	tcp->flush(f.transport);
	expect(fd, 'a');
	close(fd);
	fd = accept_session(&f, 2);
	close(fd);
	teardown(&f);
}

static void
test_give_up(void)
{
	struct rig f;
	unsigned n = 0;
	int fd;

	setup(&f);
	fd = accept_session(&f, 1);
	while (tcp->ready(f.transport) && ++n)
		send_one(&f, 'a');
	tcp->give_up(f.transport);
	g_assert_false(tcp->busy(f.transport));
	assert_stats(&f, f.stats.messages_sent, n - f.stats.messages_sent);
	g_assert_cmpuint(f.stats.records_dropped, >, 0);
	close(fd);
	teardown(&f);
}

/* A name is looked up beside the loop. */
static void
test_name(void)
{
	struct rig f;
	int fd;

	rig_prepare(&f, tcp);
	f.fd = stream_listen(&f.port);
	f.collector.host = (char *)"localhost";
	begin(&f);
	fd = accept_session(&f, 1);
	close(fd);
	teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/transport/tcp/order", test_order);
	g_test_add_func("/transport/tcp/refused", test_refused);
	g_test_add_func("/transport/tcp/reset", test_reset);
	g_test_add_func("/transport/tcp/goodbye", test_goodbye);
	g_test_add_func("/transport/tcp/slow", test_slow);
	g_test_add_func("/transport/tcp/talks", test_talks);
	g_test_add_func("/transport/tcp/give-up", test_give_up);
	g_test_add_func("/transport/tcp/name", test_name);
}

int
main(int argc, char **argv)
{
	int status = tap_main(argc, argv, add);

	logged_forget();
	return status;
}
