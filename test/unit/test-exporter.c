/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "../exporting.h"
#include "../records.h"
#include "../tap.h"
#include "../udp.h"

static void
test_begin(void)
{
	const struct transport_stats *stats;
	struct exporting f;

	exporting_setup(&f, 600000, 4096);
	exporting_expect(&f, "-");
	exporting_push_flush(&f, 1);
	exporting_expect(&f, "TD-");
	exporting_push_flush(&f, 2);
	exporting_expect(&f, "D-");
	sink_flush(&f.sink);
	exporting_expect(&f, "-");

	stats = exporter_stats(f.exporter);
	g_assert_cmpuint(stats->messages_sent, ==, 3);
	g_assert_cmpuint(stats->records_exported, ==, 3);
	g_assert_cmpuint(stats->records_dropped, ==, 0);
	g_assert_true(exporter_collector(f.exporter) == &f.collector);
	exporting_teardown(&f);
}

static void
test_refused(void)
{
	struct exporter_state state;
	struct exporting f;
	uint64_t since_ns;

	exporting_setup(&f, 600000, 4096);
	udp_refuse(f.fd, true);
	exporting_push_flush(&f, 1);
	udp_loop_until(&exporter_stats(f.exporter)->send_errors, 1);
	exporter_look(f.exporter, &state);
	g_assert_cmpint(state.transport->phase, ==, TRANSPORT_DOWN);
	g_assert_cmpint(state.transport->error, ==, ECONNREFUSED);
	g_assert_nonnull(strstr(state.transport->text, "refused by 127.0.0.1"));
	since_ns = state.transport->since_ns;
	f.seen = f.pushed;

	udp_refuse(f.fd, false);
	exporting_push_flush(&f, 1);
	exporting_expect(&f, "TD");
	for (int i = 0; i < 3; i++) {
		g_usleep(G_USEC_PER_SEC);
		exporting_push_flush(&f, 1);
		exporting_expect(&f, "D-");
	}
	exporter_look(f.exporter, &state);
	g_assert_cmpint(state.transport->phase, ==, TRANSPORT_UP);
	g_assert_cmpuint(state.transport->since_ns, >, since_ns);
	g_assert_true(state.collector == &f.collector);
	g_assert_cmpuint(state.n_waiting, ==, 0);
	g_assert_cmpuint(state.n_max, ==,
			 f.collector.queue / sizeof(struct record));
	exporting_teardown(&f);
}

/* Refusals amid a burst do not tear its messages apart. */
static void
test_refused_burst(void)
{
	struct exporting f;

	exporting_setup(&f, 600000, 4096);
	udp_refuse(f.fd, true);
	exporting_push_flush(&f, 200 * EXPORTING_PER_MESSAGE);
	g_assert_cmpuint(exporter_stats(f.exporter)->send_errors, >, 0);
	g_assert_cmpuint(exporter_stats(f.exporter)->messages_sent, ==, 201);
	exporting_teardown(&f);
}

static void
test_complete(void)
{
	const struct transport_stats *stats;
	struct exporting f;
	unsigned n_data = 0;

	exporting_setup(&f, 600000, 10);
	for (int burst = 0; burst < 20; burst++) {
		char got;

		exporting_push_flush(&f, 500);
		while (f.seen < f.pushed) {
			got = exporting_receive(&f);
			g_assert_cmpint(got, !=, '-');
			n_data += got == 'D';
		}
	}
	exporting_expect(&f, "-");
	g_assert_cmpuint(f.seen, ==, 10000);
	stats = exporter_stats(f.exporter);
	g_assert_cmpuint(stats->records_exported, ==, 10000);
	g_assert_cmpuint(stats->messages_sent, ==, n_data + (n_data + 9) / 10);
	g_assert_cmpuint(stats->octets_sent, >, 10000 * EXPORTING_RECORD_LEN);
	g_assert_cmpuint(stats->send_errors, ==, 0);
	exporting_teardown(&f);
}

/* The set has no IPv6: such records are passed over. */
static void
test_other_family(void)
{
	struct record record;
	struct exporting f;

	exporting_setup(&f, 600000, 4096);
	records_fill(&record, RECORDS_UDP6);
	sink_push(&f.sink, &record);
	exporting_push_flush(&f, 1);
	exporting_expect(&f, "TD-");
	g_assert_cmpuint(exporter_stats(f.exporter)->records_exported, ==, 1);
	g_assert_cmpuint(exporter_stats(f.exporter)->records_skipped, ==, 1);
	exporting_teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/exporter/begin", test_begin);
	g_test_add_func("/exporter/refused", test_refused);
	g_test_add_func("/exporter/refused-burst", test_refused_burst);
	g_test_add_func("/exporter/complete", test_complete);
	g_test_add_func("/exporter/other-family", test_other_family);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
