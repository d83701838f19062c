/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Over ZeroMQ, to subscribers of our own: what is exported is what they could
 * get, and what is not is counted.
 */
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "../logged.h"
#include "../stream.h"
#include "../tap.h"
#include "transport.h"

#define MS	1000000ULL
#define RECORDS 3 /* in each message */
#define HEAD	36
#define LEN	8000
#define HWM	10

struct fixture {
	uint16_t port;
	struct collector collector;
	struct transport_stats stats;
	uint64_t n_up, n_room;
	struct transport *transport;
	void *context; /* the subscribers' */
	char *endpoint;
	uint8_t data[LEN];
	uint64_t n_sent;
};

static const struct transport_ops *const zmq = &transport_zmq;
static void
on_up(void *to, unsigned n_streams)
{
	struct fixture *f = to;

	g_assert_cmpuint(n_streams, ==, 1);
	f->n_up++;
}

static void
on_room(void *to)
{
	struct fixture *f = to;

	g_assert_true(zmq->ready(f->transport));
	f->n_room++;
}

static struct transport *
make(struct fixture *f, GError **error)
{
	const struct transport_args args = {
		.collector = &f->collector,
		.port = f->port,
		.up = on_up,
		.room = on_room,
		.to = f,
		.stats = &f->stats,
	};

	return zmq->new(&args, error);
}

static void
setup(struct fixture *f)
{
	int fd;

	memset(f, 0, sizeof(*f));
	logged_forget();
	fd = stream_listen(&f->port); /* whose port is free then */
	close(fd);
	f->endpoint = g_strdup_printf("tcp://127.0.0.1:%u", f->port);
	f->context = zmq_ctx_new();
	f->collector = (struct collector){
		.name = (char *)"main",
		.host = (char *)"127.0.0.1",
		.source = (char *)"",
		.zmq_server_key = (char *)"",
		.zmq_bind = true,
		.zmq_hwm = HWM,
		.reconnect_ns = 50 * MS,
		.connect_timeout_ns = 1000 * MS,
		.tcp_keepalive_ns = 60000 * MS,
	};
}

static void
begin(struct fixture *f)
{
	g_autoptr(GError) error = NULL;

	f->transport = make(f, &error);
	g_assert_no_error(error);
	g_assert_false(zmq->ready(f->transport));
	g_assert_false(zmq->healthy(f->transport));
}

static void
teardown(struct fixture *f)
{
	zmq->free(f->transport);
	zmq_ctx_term(f->context);
	g_free(f->endpoint);
}

static void
set(void *socket, int option, int value)
{
	g_assert_cmpint(zmq_setsockopt(socket, option, &value, sizeof(value)),
			==, 0);
}

/* One of ntopng's; SECRET: it encrypts. */
static void *
subscribe(struct fixture *f, bool binds, const char *secret)
{
	void *socket = zmq_socket(f->context, ZMQ_SUB);

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
	g_assert_cmpint((binds ? zmq_bind : zmq_connect)(socket, f->endpoint),
			==, 0);
	return socket;
}

/* Until so many came; SOCKET is one that needs its thread for that. */
static void
until_up(struct fixture *f, void *socket, uint64_t n)
{
	int64_t end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
	zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };

	while (f->n_up < n) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		zmq_poll(&item, 1, 1);
		g_main_context_iteration(NULL, FALSE);
	}
}

/* Whether it took it. */
static bool
send_one(struct fixture *f)
{
	const struct message message = {
		.data = f->data,
		.len = LEN,
		.head = HEAD,
		.tally = { RECORDS, 2 * RECORDS, 100 * RECORDS },
	};

	if (!zmq->ready(f->transport))
		return false;
	memset(f->data, 0, HEAD);
	memcpy(f->data, "flow", 4);
	memset(f->data + HEAD, (int)f->n_sent++, LEN - HEAD);
	zmq->send(f->transport, &message);
	return true;
}

static void
assert_received(void *socket, uint64_t n)
{
	uint8_t frame[LEN];

	g_assert_cmpint(zmq_recv(socket, frame, LEN, 0), ==, HEAD);
	g_assert_cmpmem(frame, 5, "flow", 5);
	g_assert_cmpint(zmq_recv(socket, frame, LEN, 0), ==, LEN - HEAD);
	g_assert_cmpint(frame[0], ==, n & 0xff);
	g_assert_cmpint(frame[LEN - HEAD - 1], ==, n & 0xff);
}

static void
until_idle(struct fixture *f)
{
	int64_t end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

	while (zmq->busy(f->transport)) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_main_context_iteration(NULL, FALSE);
		g_usleep(1000);
	}
}

static void
until_left(struct fixture *f)
{
	int64_t end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

	while (zmq->healthy(f->transport)) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_main_context_iteration(NULL, TRUE);
	}
}

static void
test_messages(void)
{
	struct fixture f;
	void *socket;

	setup(&f);
	begin(&f);
	g_assert_false(send_one(&f));
	socket = subscribe(&f, false, NULL);
	until_up(&f, socket, 1);
	g_assert_cmpuint(f.n_room, ==, 1);
	logged_expect("i collector main: subscribed\n", NULL, NULL);
	for (uint64_t i = 0; i < 3; i++) {
		g_assert_true(send_one(&f));
		zmq->flush(f.transport);
		assert_received(socket, i);
	}
	until_idle(&f);
	g_assert_cmpuint(f.stats.messages_sent, ==, 3);
	g_assert_cmpuint(f.stats.octets_sent, ==, 3 * LEN);
	g_assert_cmpuint(f.stats.records_exported, ==, 3 * RECORDS);
	g_assert_cmpuint(f.stats.records_dropped, ==, 0);
	zmq_close(socket);
	until_left(&f);
	logged_expect("w collector main: no longer subscribed, "
		      "records wait\n",
		      NULL, NULL);
	g_assert_false(zmq->ready(f.transport));
	g_assert_cmpuint(f.stats.records_dropped, ==, 0);
	teardown(&f);
}

/* As many as find room in all buffers on the way, and one. */
static uint64_t
fill(struct fixture *f)
{
	for (int still = 0; still < 20; still++) {
		while (send_one(f))
			still = 0;
		g_assert_cmpuint(f->n_sent, <, 100000);
		g_usleep(5000);
		zmq->flush(f->transport);
	}
	g_assert_false(zmq->ready(f->transport));
	return f->n_sent;
}

static void
test_slow(void)
{
	struct fixture f;
	uint64_t n;
	void *socket;

	setup(&f);
	begin(&f);
	socket = subscribe(&f, false, NULL);
	until_up(&f, socket, 1);
	n = fill(&f);
	g_assert_cmpuint(n, >, HWM);
	g_assert_true(zmq->busy(f.transport));
	g_assert_true(zmq->healthy(f.transport));
	for (uint64_t i = 0; i < n - 1; i++)
		assert_received(socket, i);
	/* the one that was held, and then there is room */
	stream_until(&f.n_room, 2);
	assert_received(socket, n - 1);
	g_assert_true(send_one(&f));
	assert_received(socket, n);
	until_idle(&f);
	g_assert_cmpuint(f.stats.records_exported, ==, (n + 1) * RECORDS);
	g_assert_cmpuint(f.stats.records_dropped, ==, 0);
	zmq_close(socket);
	teardown(&f);
}

/* What it left behind is dropped, but for what the kernel had; the one that was
 * held goes to the next. */
static void
test_leaves(void)
{
	struct fixture f;
	void *socket;
	uint64_t n, sum;

	setup(&f);
	begin(&f);
	socket = subscribe(&f, false, NULL);
	until_up(&f, socket, 1);
	n = fill(&f);
	zmq_close(socket);
	until_left(&f);
	sum = f.stats.records_exported + f.stats.records_dropped;
	g_assert_cmpuint(sum, ==, (n - 1) * RECORDS);
	g_assert_cmpuint(f.stats.records_dropped, >=, HWM / 2 * RECORDS);
	g_assert_cmpuint(f.stats.packets_dropped, ==,
			 2 * f.stats.records_dropped);
	socket = subscribe(&f, false, NULL);
	until_up(&f, socket, 2);
	assert_received(socket, n - 1);
	g_assert_true(send_one(&f));
	assert_received(socket, n);
	until_idle(&f);
	g_assert_cmpuint(f.stats.records_exported + f.stats.records_dropped, ==,
			 (n + 1) * RECORDS);
	zmq_close(socket);
	teardown(&f);
}

static void
test_give_up(void)
{
	struct fixture f;
	int64_t began;
	uint64_t n;
	void *socket;

	setup(&f);
	begin(&f);
	socket = subscribe(&f, false, NULL);
	until_up(&f, socket, 1);
	n = fill(&f);
	zmq->give_up(f.transport);
	g_assert_cmpuint(f.stats.records_dropped, >=, HWM / 2 * RECORDS);
	g_assert_cmpuint(f.stats.records_exported + f.stats.records_dropped, ==,
			 n * RECORDS);
	g_assert_false(zmq->busy(f.transport));
	began = g_get_monotonic_time();
	zmq->free(f.transport);
	f.transport = NULL;
	g_assert_cmpint(g_get_monotonic_time() - began, <, G_USEC_PER_SEC);
	zmq_close(socket);
	teardown(&f);
}

/* Each that comes is told of; the others' leaving is not the last one's. */
static void
test_two(void)
{
	struct fixture f;
	void *one, *other;

	setup(&f);
	begin(&f);
	one = subscribe(&f, false, NULL);
	until_up(&f, one, 1);
	other = subscribe(&f, false, NULL);
	until_up(&f, other, 2);
	g_assert_true(send_one(&f));
	assert_received(one, 0);
	assert_received(other, 0);
	until_idle(&f);
	zmq_close(one);
	for (int i = 0; i < 20; i++) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(5000);
	}
	g_assert_true(zmq->ready(f.transport));
	g_assert_true(send_one(&f));
	assert_received(other, 1);
	zmq_close(other);
	until_left(&f);
	teardown(&f);
}

/* To one that comes up later, goes, and comes again. */
static void
test_connect(void)
{
	struct fixture f;
	void *socket;

	setup(&f);
	f.collector.zmq_bind = false;
	begin(&f);
	for (uint64_t i = 0; i < 2; i++) {
		socket = subscribe(&f, true, NULL);
		until_up(&f, socket, i + 1);
		g_assert_true(send_one(&f));
		assert_received(socket, i);
		until_idle(&f);
		zmq_close(socket);
		until_left(&f);
	}
	g_assert_cmpuint(f.stats.records_exported, ==, 2 * RECORDS);
	teardown(&f);
}

static void
curve(bool binds)
{
	char public_key[41], secret_key[41], other_key[41], no_key[41];
	struct fixture f;
	void *socket;

	setup(&f);
	g_assert_cmpint(zmq_curve_keypair(public_key, secret_key), ==, 0);
	g_assert_cmpint(zmq_curve_keypair(other_key, no_key), ==, 0);
	f.collector.zmq_bind = !binds;
	f.collector.zmq_server_key = public_key;
	begin(&f);
	socket = subscribe(&f, binds, secret_key);
	until_up(&f, socket, 1);
	g_assert_true(send_one(&f));
	assert_received(socket, 0);
	zmq_close(socket);
	until_left(&f);
	logged_forget();
	/* who does not encrypt gets nothing, and is told of once */
	socket = subscribe(&f, binds, NULL);
	for (int i = 0; i < 50; i++) {
		zmq_poll(&(zmq_pollitem_t){ .socket = socket }, 1, 10);
		g_main_context_iteration(NULL, FALSE);
	}
	logged_expect("w collector main: a subscriber and we cannot agree: "
		      "does it encrypt, and is zmq_server_key its own?\n",
		      NULL, NULL);
	g_assert_false(zmq->ready(f.transport));
	g_assert_cmpuint(f.n_up, ==, 1);
	zmq_close(socket);
	teardown(&f);
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
	struct fixture f;
	void *socket;
	int fd;

	setup(&f);
	f.port = 0;
	fd = stream_listen(&f.port);
	g_free(f.endpoint);
	f.endpoint = g_strdup_printf("tcp://127.0.0.1:%u", f.port);
	begin(&f);
	logged_expect_port("w collector main: cannot listen on "
			   "127.0.0.1:PORT: Address already in use, "
			   "trying again\n",
			   f.port);
	close(fd);
	socket = subscribe(&f, false, NULL);
	until_up(&f, socket, 1);
	zmq_close(socket);
	zmq->free(f.transport);

	f.collector.host = (char *)"192.0.2.1";
	g_assert_null(make(&f, &error));
	g_assert_true(g_str_has_prefix(error->message,
				       "cannot listen on 192.0.2.1:"));
	f.transport = NULL;
	teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/transport-zmq/messages", test_messages);
	g_test_add_func("/transport-zmq/slow", test_slow);
	g_test_add_func("/transport-zmq/leaves", test_leaves);
	g_test_add_func("/transport-zmq/give-up", test_give_up);
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
