/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-exact.c - every packet is counted once, whatever happens beside it; and
 * what makes it so, the grace period, is needed.
 */
#include "race.h"

#include <sys/sysinfo.h>

enum {
	MAX_FLOWS = 1 << 16,
	FULL_MAX = 512,
	FULL_FLOWS = 8 * FULL_MAX,
	RING = 1 << 22, /* octets */

	/* In a table that is scanned at once one race in four loses a packet.
	 */
	HASTY_MAX = 16,
	HASTY_PACKETS = 1000000, /* of each sender */
	HASTY_RACES = 100,
};

static GPtrArray *packets;

static const struct packet_case *
frame(void)
{
	return packets_find(packets, "v4-tcp-data");
}

static struct probe *
probe_of(const struct probe_args *args)
{
	g_autoptr(GError) error = NULL;
	struct probe *probe = probe_new(args, &error);

	g_assert_no_error(error);
	return probe;
}

/* Everything that was sent is seen, and what is not in records is LOST. */
static void
check(const struct race_result *result, uint64_t lost, uint64_t lost_octets)
{
	g_test_message("%" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT
		       " missing, %" G_GUINT64_FORMAT " records",
		       result->sent.packets, result->missing.packets,
		       result->n_records);
	g_assert_cmpuint(result->count.packets_seen, ==, result->sent.packets);
	g_assert_cmpuint(result->missing.packets, ==, lost);
	g_assert_cmpuint(result->missing.octets, ==, lost_octets);
	g_assert_cmpuint(result->surplus.packets, ==, 0);
	g_assert_cmpuint(result->surplus.octets, ==, 0);
}

static const struct race_args races[] = {
	/* With so few flows an addition that is not atomic is lost, too. */
	{ 4, 6000000, 50, 5000, false },
	{ 64, 5000000, 50, 1000, false },
	{ 4096, 5000000, 50, 200, false },
	{ 65536, 5000000, 50, 40, false },
};

static void
test_exact(const void *data)
{
	const struct race_args *args = data;
	struct probe *probe = probe_of(&(struct probe_args){ MAX_FLOWS });
	struct race_result result = race_run(probe, frame(), args);

	check(&result, 0, 0);
	g_assert_cmpuint(result.count.octets_seen, ==, result.sent.octets);
	g_assert_cmpuint(result.count.packets_unaccounted, ==, 0);
	/* Flows were closed, and began anew, beneath the senders. */
	g_assert_cmpuint(result.count.flows_created, >, 2 * args->n_flows);
	probe_free(probe);
}

/* A flow that both CPUs send has a slot on either: their sum is exact. */
static void
test_partitioned(void)
{
	const struct race_args args = { 4096, 2000000, 50, 100, false };
	struct probe *probe = probe_of(
		&(struct probe_args){ .max = MAX_FLOWS, .partitioned = true });
	struct race_result result = race_run(probe, frame(), &args);

	check(&result, 0, 0);
	g_assert_cmpuint(result.count.packets_unaccounted, ==, 0);
	probe_free(probe);
}

/* What sampling leaves out is missing from its flow, and counted. */
static void
test_sampled(void)
{
	const struct race_args args = { 64, 2000000, 50, 100, false };
	struct probe *probe = probe_of(
		&(struct probe_args){ .max = MAX_FLOWS, .sampling = 10 });
	struct race_result result = race_run(probe, frame(), &args);

	check(&result, result.count.packets_ignored,
	      result.sent.octets - result.count.octets_seen);
	g_assert_cmpuint(result.count.packets_ignored, >,
			 result.sent.packets / 10 * 8);
	g_assert_cmpuint(result.recorded.packets, >, 0);
	probe_free(probe);
}

static const struct race_args full = { FULL_FLOWS, 2000000, 50, 50, false };

/* So is what finds no room. */
static void
test_full(void)
{
	struct probe *probe = probe_of(&(struct probe_args){ FULL_MAX });
	struct race_result result = race_run(probe, frame(), &full);

	check(&result, result.count.packets_unaccounted,
	      result.count.octets_unaccounted);
	g_assert_cmpuint(result.missing.packets, >, 0);
	probe_free(probe);
}

/* Through the ring; what finds that full is counted, too. */
static void
test_overflow(void)
{
	struct probe *probe = probe_of(
		&(struct probe_args){ .max = FULL_MAX, .overflow = RING });
	struct race_result result = race_run(probe, frame(), &full);

	check(&result, result.count.packets_unaccounted,
	      result.count.octets_unaccounted);
	g_assert_cmpuint(result.count.packets_overflowed, >, 0);
	probe_free(probe);
}

/* The negative control.  A program may be about to add to a slot that it found
 * LIVE: who reads the slot without waiting loses the packet, and these tests
 * see it. */
static void
test_hasty(void)
{
	const struct race_args args = { 4, HASTY_PACKETS, 0, 5000, true };
	struct race_result result = { 0 };
	struct probe *probe;
	int n = 0;

	if (get_nprocs() < 2) {
		g_test_skip("with one CPU nothing runs beside the programs");
		return;
	}
	probe = probe_of(&(struct probe_args){ HASTY_MAX });
	while (!result.missing.packets && n++ < HASTY_RACES)
		result = race_run(probe, frame(), &args);
	g_test_message("race %d: %" G_GUINT64_FORMAT " packets lost of "
		       "%" G_GUINT64_FORMAT,
		       n, result.missing.packets, result.sent.packets);
	g_assert_cmpuint(result.missing.packets, >, 0);
	g_assert_cmpuint(result.count.packets_seen, ==, result.sent.packets);
	g_assert_cmpuint(result.count.packets_unaccounted, ==, 0);
	probe_free(probe);
}

static void
add(void)
{
	packets = packets_load();
	for (size_t i = 0; i < G_N_ELEMENTS(races); i++) {
		g_autofree char *path =
			g_strdup_printf("/exact/flows/%u", races[i].n_flows);

		g_test_add_data_func(path, &races[i], test_exact);
	}
	g_test_add_func("/exact/partitioned", test_partitioned);
	g_test_add_func("/exact/sampled", test_sampled);
	g_test_add_func("/exact/full", test_full);
	g_test_add_func("/exact/overflow", test_overflow);
	g_test_add_func("/exact/hasty", test_hasty);
}

int
main(int argc, char **argv)
{
	int failed = kernel_main(argc, argv, add);

	g_clear_pointer(&packets, g_ptr_array_unref);
	return failed;
}
