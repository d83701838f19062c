/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures that find no room, that are stopped, that are cut: nothing is lost.
 */
#include "../pcapfile.h"
#include "../replayer.h"
#include "../tap.h"

#define SECOND CLOCK_SECOND_NS
#define MS     (SECOND / 1000)
#define T0     REPLAYER_T0

enum { OCTETS = REPLAYER_OCTETS };

/* N_PACKETS, 1 ms apart, of N_FLOWS in turn. */
static GByteArray *
traffic(guint n_packets, guint n_flows)
{
	GByteArray *octets = pcapfile_new(PCAPFILE_US, PCAPFILE_RAW);

	for (guint i = 0; i < n_packets; i++)
		pcapfile_add_udp(octets, T0 + i * MS, i % n_flows, OCTETS);
	return octets;
}

/* Each record's times are those of packets of its flow, and of as many as it
 * has; together they are all of traffic()'s. */
static void
check_traffic(const struct replayer *f, guint n_packets, guint n_flows)
{
	g_autofree guint *seen = g_new0(guint, n_flows);

	for (guint i = 0; i < f->records->len; i++) {
		const struct record *record =
			&g_array_index(f->records, struct record, i);
		guint flow = record->key.src_port;

		g_assert_cmpuint(flow, <, n_flows);
		g_assert_cmpuint(record->start_ns, ==,
				 T0 + (flow + seen[flow] * n_flows) * MS);
		seen[flow] += record->value.packets;
		g_assert_cmpuint(record->end_ns, ==,
				 T0 + (flow + (seen[flow] - 1) * n_flows) * MS);
	}
	for (guint flow = 0; flow < n_flows; flow++)
		g_assert_cmpuint(seen[flow], ==,
				 (n_packets + n_flows - 1 - flow) / n_flows);
}

/* A table for 16 flows, and 1,000 flows: they end for want of room. */
static void
test_lack(void)
{
	struct replayer *f = replayer_new(16, traffic(5000, 1000), NULL);
	guint n_lack = 0;

	replayer_run(f);
	check_traffic(f, 5000, 1000);
	for (guint i = 0; i < f->records->len; i++) {
		const struct record *record =
			&g_array_index(f->records, struct record, i);

		g_assert_cmpint(record->end_reason == END_LACK ||
					record->end_reason == END_FORCED,
				==, TRUE);
		n_lack += record->end_reason == END_LACK;
	}
	g_assert_cmpuint(n_lack, >, 4900);
	g_assert_cmpuint(f->stats.flows_ended_lack, ==, n_lack);
	replayer_free(f);
}

/* One step of the loop: a slice of the file was read, and not the whole. */
static void
step(struct replayer *f)
{
	uint64_t before = f->stats.kernel.packets_seen;

	while (f->stats.kernel.packets_seen == before)
		g_assert_true(g_main_context_iteration(NULL, FALSE));
	g_assert_cmpuint(f->n_done, ==, 0);
}

/* Stopped in the middle: what was read is exported, and no more is read. */
static void
test_stop(void)
{
	const uint32_t flows_max[] = { 1024, 16 };

	for (size_t i = 0; i < G_N_ELEMENTS(flows_max); i++) {
		struct replayer *f =
			replayer_new(flows_max[i], traffic(20000, 500), NULL);
		uint64_t seen;

		step(f);
		seen = f->stats.kernel.packets_seen;
		replay_stop(f->replay);
		g_assert_cmpuint(f->n_done, ==, 1);
		replay_stop(f->replay);
		replayer_check_end(f);
		g_assert_cmpuint(f->stats.kernel.packets_seen, ==, seen);
		g_assert_cmpuint(seen, <, 20000);
		check_traffic(f, seen, 500);
		replayer_free(f);
	}
}

/* Stopped before the first packet, and after the last. */
static void
test_stop_at_ends(void)
{
	struct replayer *f = replayer_new(16, traffic(10, 2), NULL);

	replay_stop(f->replay);
	replayer_check_end(f);
	g_assert_cmpuint(f->records->len, ==, 0);
	replayer_free(f);

	f = replayer_new(16, traffic(10, 2), NULL);
	replayer_run(f);
	replay_stop(f->replay);
	replayer_check_end(f);
	g_assert_cmpuint(f->records->len, ==, 2);
	replayer_free(f);
}

/* Freed with a file half read: no more is said. */
static void
test_free(void)
{
	struct replayer *f = replayer_new(1024, traffic(20000, 500), NULL);

	step(f);
	g_clear_pointer(&f->replay, replay_free);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpuint(f->n_done, ==, 0);
	replayer_free(f);
}

/* Flows so far, on demand; they go on, and are told in differences. */
static void
test_report(void)
{
	struct replayer *f = replayer_new(1024, traffic(20000, 1), NULL);
	uint64_t first_packets, last_ns;

	step(f);
	step(f);
	first_packets = f->stats.kernel.packets_seen;
	last_ns = (first_packets - 1) * MS;
	replay_report(f->replay);
	g_assert_cmpuint(f->records->len, ==, 1);
	replayer_check_record(f, 0, 0, first_packets, 0, last_ns, END_FORCED);
	replay_report(f->replay); /* nothing new */
	g_assert_cmpuint(f->records->len, ==, 1);
	replayer_run(f);
	g_assert_cmpuint(f->records->len, ==, 2);
	replayer_check_record(f, 0, 1, 20000 - first_packets, last_ns,
			      19999 * MS, END_FORCED);
	replayer_free(f);
}

/* No capture, and one that is cut: done all the same, and told. */
static void
test_complaints(void)
{
	GByteArray *cut = traffic(3, 1);
	struct replayer *f;
	g_auto(GStrv) lines = NULL;

	g_byte_array_set_size(cut, cut->len - 1);
	f = replayer_new(16, g_byte_array_new(), cut);
	replayer_run(f);
	lines = g_strsplit(replay_complaints(f->replay), "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 2);
	g_assert_true(g_str_has_prefix(lines[0], f->files[0]));
	g_assert_true(g_str_has_prefix(lines[1], f->files[1]));
	check_traffic(f, 2, 1);
	replayer_free(f);

	f = replayer_new(16, pcapfile_new(PCAPFILE_US, PCAPFILE_RAW), NULL);
	replayer_run(f);
	g_assert_null(replay_complaints(f->replay));
	g_assert_cmpuint(f->records->len, ==, 0);
	replayer_free(f);
}

/* Times that no clock has, as a damaged file may tell them: it is read to its
 * end all the same, and at once. */
static void
test_damaged_times(void)
{
	const uint32_t times[][2] = {
		{ UINT32_MAX, 0 },	    { UINT32_MAX, UINT32_MAX },
		{ 0, INT32_MAX },	    { 0, (uint32_t)INT32_MIN },
		{ 1700000000, 0xf9ffffff },
	};
	const size_t second = 24 + 16 + PCAPFILE_UDP_LEN;

	for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
		GByteArray *octets = pcapfile_new(PCAPFILE_US, PCAPFILE_RAW);
		struct replayer *f;

		for (uint16_t flow = 1; flow <= 3; flow++)
			pcapfile_add_udp(octets, REPLAYER_T0, flow,
					 REPLAYER_OCTETS);
		memcpy(octets->data + second, times[i], sizeof(times[i]));
		f = replayer_new(16, octets, NULL);
		replayer_run(f);
		g_assert_cmpuint(f->records->len, ==, 3);
		g_assert_null(replay_complaints(f->replay));
		replayer_free(f);
	}
}

static void
add(void)
{
	g_test_add_func("/replay/lack", test_lack);
	g_test_add_func("/replay/stop", test_stop);
	g_test_add_func("/replay/stop-at-ends", test_stop_at_ends);
	g_test_add_func("/replay/free", test_free);
	g_test_add_func("/replay/report", test_report);
	g_test_add_func("/replay/complaints", test_complaints);
	g_test_add_func("/replay/damaged-times", test_damaged_times);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
