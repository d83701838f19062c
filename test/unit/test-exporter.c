/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "../records.h"
#include "../tap.h"
#include "../udp.h"
#include "exporter.h"

#define DOMAIN	    77
#define RECORD_LEN  12 /* of the set below */
#define SET_ID	    2  /* of template sets, RFC 7011 3.3.2 */
#define MTU	    200
#define QUEUE	    (1 << 20)
#define PER_MESSAGE ((MTU - 20) / RECORD_LEN)

static const char template_text[] =
	"ipv4 = [ \"sourceIPv4Address\", \"octetDeltaCount\" ];\n";

struct fixture {
	int fd; /* the collector's */
	struct collector collector;
	struct exporter *exporter;
	struct sink sink;
	uint64_t pushed; /* what the next record counts */
	uint64_t seen;	 /* and what we expect to receive next */
};

static char *dir;

static void
setup(struct fixture *f, uint64_t refresh_ms, uint32_t refresh_packets)
{
	const char *const dirs[] = { dir, NULL };
	g_autoptr(GError) error = NULL;
	uint16_t port;

	memset(f, 0, sizeof(*f));
	f->fd = udp_receiver(AF_INET, &port);
	f->collector = (struct collector){
		.origin = (char *)"test:1",
		.name = (char *)"main",
		.host = (char *)"127.0.0.1",
		.protocol = (char *)"ipfix",
		.transport = (char *)"udp",
		.template_set = (char *)"small",
		.source = (char *)"",
		.port = port,
		.mtu = MTU,
		.template_refresh_ns = refresh_ms * 1000000,
		.template_refresh_packets = refresh_packets,
		.queue = QUEUE,
	};
	f->exporter = exporter_new(&f->collector, DOMAIN, dirs, false, &error);
	g_assert_no_error(error);
	f->sink = exporter_sink(f->exporter);
}

static void
teardown(struct fixture *f)
{
	exporter_free(f->exporter);
	close(f->fd);
}

static void
push(struct fixture *f, unsigned n)
{
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	for (; n > 0; n--) {
		record.value.octets = f->pushed++;
		sink_push(&f->sink, &record);
	}
}

static void
push_flush(struct fixture *f, unsigned n)
{
	push(f, n);
	sink_flush(&f->sink);
	while (exporter_busy(f->exporter))
		g_main_context_iteration(NULL, TRUE);
}

static uint32_t
get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return ntohl(value);
}

static void
check_records(struct fixture *f, const uint8_t *at, const uint8_t *end)
{
	for (; at + RECORD_LEN <= end; at += RECORD_LEN) {
		g_assert_cmphex(get32(at), ==, 0xc0000201);
		g_assert_cmpuint(get32(at + 4), ==, 0);
		g_assert_cmpuint(get32(at + 8), ==, f->seen++);
	}
}

/* The next message as a letter: Template, Data, or - when there is none. */
static char
receive(struct fixture *f)
{
	uint8_t data[MTU + 1];
	ssize_t len = udp_receive(f->fd, data, sizeof(data), NULL);
	uint32_t set;

	if (len < 0)
		return '-';
	g_assert_cmpint(len, >=, 20);
	g_assert_cmpint(len, <=, MTU);
	g_assert_cmphex(get32(data), ==, 10 << 16 | len);
	g_assert_cmpint(ABS((int64_t)get32(data + 4) -
			    g_get_real_time() / G_USEC_PER_SEC),
			<=, 2);
	g_assert_cmpuint(get32(data + 8), ==, f->seen);
	g_assert_cmpuint(get32(data + 12), ==, DOMAIN);
	set = get32(data + 16);
	g_assert_cmpuint(set & 0xffff, ==, len - 16);
	if (set >> 16 == SET_ID)
		return 'T';
	g_assert_cmpuint(set >> 16, >=, 256);
	check_records(f, data + 20, data + len);
	return 'D';
}

/* EXPECTED is what comes, a letter a message. */
static void
expect(struct fixture *f, const char *expected)
{
	g_autoptr(GString) got = g_string_new(NULL);

	while (got->len < strlen(expected))
		g_string_append_c(got, receive(f));
	g_assert_cmpstr(got->str, ==, expected);
}

static void
test_begin(void)
{
	const struct transport_stats *stats;
	struct fixture f;

	setup(&f, 600000, 4096);
	expect(&f, "-");
	push_flush(&f, 1);
	expect(&f, "TD-");
	push_flush(&f, 2);
	expect(&f, "D-");
	sink_flush(&f.sink);
	expect(&f, "-");

	stats = exporter_stats(f.exporter);
	g_assert_cmpuint(stats->messages_sent, ==, 3);
	g_assert_cmpuint(stats->records_exported, ==, 3);
	g_assert_cmpuint(stats->records_dropped, ==, 0);
	g_assert_true(exporter_collector(f.exporter) == &f.collector);
	teardown(&f);
}

static void
test_refresh_by_messages(void)
{
	struct fixture f;

	setup(&f, 600000, 3);
	for (int i = 0; i < 4; i++)
		push_flush(&f, 1);
	expect(&f, "TDDDTD");
	push_flush(&f, 5 * PER_MESSAGE);
	expect(&f, "DDTDDD-");
	teardown(&f);
}

static void
test_refresh_never(void)
{
	struct fixture f;

	setup(&f, 0, 0);
	for (int i = 0; i < 50; i++)
		push_flush(&f, 1);
	expect(&f, "TDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD-");
	teardown(&f);
}

/* Without flows, too, and more often than at 1, 5, 15 and 60 s if asked. */
static void
test_refresh_by_time(void)
{
	struct fixture f;
	int64_t begin = g_get_monotonic_time();

	setup(&f, 100, 4096);
	udp_loop_until(&exporter_stats(f.exporter)->messages_sent, 6);
	g_assert_cmpint(g_get_monotonic_time() - begin, >=, 590000);
	expect(&f, "TTTTTT-");
	teardown(&f);
}

/* A collector may start a moment later than we do. */
static void
test_again_soon(void)
{
	struct fixture f;
	int64_t begin = g_get_monotonic_time();

	setup(&f, 0, 4096);
	push_flush(&f, 1);
	expect(&f, "TD");
	udp_loop_until(&exporter_stats(f.exporter)->messages_sent, 3);
	g_assert_cmpint(g_get_monotonic_time() - begin, >=, 990000);
	expect(&f, "T-");
	teardown(&f);
}

/* What was measured before templates went out again leaves before them. */
static void
test_order(void)
{
	struct fixture f;

	setup(&f, 50, 4096);
	push(&f, 1);
	udp_loop_until(&exporter_stats(f.exporter)->messages_sent, 3);
	expect(&f, "TDT");
	teardown(&f);
}

static void
test_refused(void)
{
	struct exporter_state state;
	struct fixture f;
	uint64_t since_ns;

	setup(&f, 600000, 4096);
	udp_refuse(f.fd, true);
	push_flush(&f, 1);
	udp_loop_until(&exporter_stats(f.exporter)->send_errors, 1);
	exporter_look(f.exporter, &state);
	g_assert_cmpint(state.transport->phase, ==, TRANSPORT_DOWN);
	g_assert_cmpint(state.transport->error, ==, ECONNREFUSED);
	g_assert_nonnull(strstr(state.transport->text, "refused by 127.0.0.1"));
	since_ns = state.transport->since_ns;
	f.seen = f.pushed;

	udp_refuse(f.fd, false);
	push_flush(&f, 1);
	expect(&f, "TD");
	for (int i = 0; i < 3; i++) {
		g_usleep(G_USEC_PER_SEC);
		push_flush(&f, 1);
		expect(&f, "D-");
	}
	exporter_look(f.exporter, &state);
	g_assert_cmpint(state.transport->phase, ==, TRANSPORT_UP);
	g_assert_cmpuint(state.transport->since_ns, >, since_ns);
	g_assert_true(state.collector == &f.collector);
	g_assert_cmpuint(state.n_waiting, ==, 0);
	g_assert_cmpuint(state.n_max, ==,
			 f.collector.queue / sizeof(struct record));
	teardown(&f);
}

/* Refusals amid a burst do not tear its messages apart. */
static void
test_refused_burst(void)
{
	struct fixture f;

	setup(&f, 600000, 4096);
	udp_refuse(f.fd, true);
	push_flush(&f, 200 * PER_MESSAGE);
	g_assert_cmpuint(exporter_stats(f.exporter)->send_errors, >, 0);
	g_assert_cmpuint(exporter_stats(f.exporter)->messages_sent, ==, 201);
	teardown(&f);
}

static void
test_complete(void)
{
	const struct transport_stats *stats;
	struct fixture f;
	unsigned n_data = 0;

	setup(&f, 600000, 10);
	for (int burst = 0; burst < 20; burst++) {
		char got;

		push_flush(&f, 500);
		while (f.seen < f.pushed) {
			got = receive(&f);
			g_assert_cmpint(got, !=, '-');
			n_data += got == 'D';
		}
	}
	expect(&f, "-");
	g_assert_cmpuint(f.seen, ==, 10000);
	stats = exporter_stats(f.exporter);
	g_assert_cmpuint(stats->records_exported, ==, 10000);
	g_assert_cmpuint(stats->messages_sent, ==, n_data + (n_data + 9) / 10);
	g_assert_cmpuint(stats->octets_sent, >, 10000 * RECORD_LEN);
	g_assert_cmpuint(stats->send_errors, ==, 0);
	teardown(&f);
}

/* The set has no IPv6: such records are passed over. */
static void
test_other_family(void)
{
	struct record record;
	struct fixture f;

	setup(&f, 600000, 4096);
	records_fill(&record, RECORDS_UDP6);
	sink_push(&f.sink, &record);
	push_flush(&f, 1);
	expect(&f, "TD-");
	g_assert_cmpuint(exporter_stats(f.exporter)->records_exported, ==, 1);
	g_assert_cmpuint(exporter_stats(f.exporter)->records_skipped, ==, 1);
	teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/exporter/begin", test_begin);
	g_test_add_func("/exporter/refresh-by-messages",
			test_refresh_by_messages);
	g_test_add_func("/exporter/refresh-never", test_refresh_never);
	g_test_add_func("/exporter/refresh-by-time", test_refresh_by_time);
	g_test_add_func("/exporter/again-soon", test_again_soon);
	g_test_add_func("/exporter/order", test_order);
	g_test_add_func("/exporter/refused", test_refused);
	g_test_add_func("/exporter/refused-burst", test_refused_burst);
	g_test_add_func("/exporter/complete", test_complete);
	g_test_add_func("/exporter/other-family", test_other_family);
}

int
main(int argc, char **argv)
{
	g_autofree char *path = NULL;
	int status;

	dir = g_dir_make_tmp("test-exporter-XXXXXX", NULL);
	path = g_build_filename(dir, "small.conf", NULL);
	g_assert_true(g_file_set_contents(path, template_text, -1, NULL));
	status = tap_main(argc, argv, add);
	g_unlink(path);
	g_rmdir(dir);
	g_free(dir);
	return status;
}
