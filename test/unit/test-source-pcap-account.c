/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How captured packets are accounted: octets, order, time, and want of room.
 */
#include <string.h>

#include "../pcapfile.h"
#include "../pcapread.h"
#include "../tap.h"
#include "source_pcap.h"

#define SECOND CLOCK_SECOND_NS
#define MS     (SECOND / 1000)
#define T0     PCAPREAD_T0

enum { ETHER_LEN = 14, OCTETS = 1000, SLOTS = 16 };

static GByteArray *
raw(void)
{
	return pcapfile_new(PCAPFILE_US, PCAPFILE_RAW);
}

/* The first CAUGHT octets of a datagram of OCTETS; LEN on the wire. */
static void
add_cut(GByteArray *octets, uint16_t flow, uint32_t caught, uint32_t len)
{
	uint8_t data[OCTETS] = { 0 };

	pcapfile_udp(data, flow, OCTETS);
	pcapfile_add(octets, PCAPFILE_US, T0, data, caught, len);
}

/* What was cut off counts all the same. */
static void
test_cut(void)
{
	struct pcapread *f = pcapread_new(1024);
	GByteArray *octets = raw();

	add_cut(octets, 1, OCTETS, OCTETS);
	add_cut(octets, 1, PCAPFILE_UDP_LEN, OCTETS);
	add_cut(octets, 1, 24, OCTETS); /* just its ports */
	add_cut(octets, 2, 20, OCTETS); /* not even those: they are 0 */
	add_cut(octets, 2, 23, OCTETS);
	add_cut(octets, 3, 19, OCTETS); /* no addresses */
	add_cut(octets, 3, 0, OCTETS);
	/* A header that claims more than was on the wire. */
	add_cut(octets, 4, 40, 40);
	/* A capture that has more than it says was there. */
	add_cut(octets, 5, 60, 40);
	pcapread_add(f, octets);
	pcapread_all(f);
	g_assert_null(source_pcap_complaints(f->source));
	pcapread_check_flow(f, 1, 3, 3 * OCTETS, 0, 0);
	pcapread_check_flow(f, 0, 2, 2 * OCTETS, 0, 0);
	pcapread_check_flow(f, 4, 1, 40, 0, 0);
	pcapread_check_flow(f, 5, 1, 60, 0, 0);
	g_assert_cmpuint(f->counters.packets_seen, ==, 9);
	g_assert_cmpuint(f->counters.packets_malformed, ==, 2);
	pcapread_check_sums(f, 0, 0);
	pcapread_free(f);
}

/* Layer 3 octets, whatever stands before and behind them. */
static void
test_ethernet(void)
{
	enum { FRAME = 60, DATAGRAM = 32 };
	static const uint8_t arp[FRAME] = { [12] = 0x08, [13] = 0x06 };
	struct pcapread *f = pcapread_new(1024);
	GByteArray *octets = pcapfile_new(PCAPFILE_US, PCAPFILE_ETHERNET);
	uint8_t frame[FRAME] = { [12] = 0x08 };

	pcapfile_udp(frame + ETHER_LEN, 1, DATAGRAM);
	pcapfile_add(octets, PCAPFILE_US, T0, frame, FRAME, FRAME);
	pcapfile_add(octets, PCAPFILE_US, T0, arp, FRAME, FRAME);
	pcapfile_udp(frame + ETHER_LEN, 1, OCTETS);
	pcapfile_add(octets, PCAPFILE_US, T0, frame, FRAME, ETHER_LEN + OCTETS);
	pcapfile_add(octets, PCAPFILE_US, T0, frame, 13, ETHER_LEN + OCTETS);
	pcapread_add(f, octets);
	pcapread_all(f);
	pcapread_check_flow(f, 1, 2, DATAGRAM + OCTETS, 0, 0);
	g_assert_cmpuint(f->counters.packets_malformed, ==, 1);
	g_assert_cmpuint(f->counters.octets_seen, ==,
			 DATAGRAM + OCTETS + FRAME - ETHER_LEN);
	pcapread_check_sums(f, 0, 0);
	pcapread_free(f);
}

/* A tag behind the header of a cooked capture is the flow's. */
static void
test_cooked_tag(void)
{
	enum { LINKTYPE_SLL = 113, LEN = 20 };
	struct pcapread *f = pcapread_new(1024);
	GByteArray *octets = pcapfile_new(PCAPFILE_US, LINKTYPE_SLL);
	uint8_t data[LEN + PCAPFILE_UDP_LEN] = {
		[1] = 4,
		[14] = 0x81,
		[17] = 42,
		[18] = 0x08,
	};
	const struct flow_hot *hot = NULL;

	pcapfile_udp(data + LEN, 7, OCTETS);
	pcapfile_add(octets, PCAPFILE_US, T0, data, sizeof(data), LEN + OCTETS);
	pcapread_add(f, octets);
	pcapread_all(f);
	pcapread_check_flow(f, 7, 1, OCTETS, 0, 0);
	for (uint32_t i = 0; i < flowtable_n_slots(f->table); i++)
		if (flowtable_is_live(f->table, i))
			hot = &f->table->hot[i];
	g_assert_cmpuint(hot->key.vlan_id, ==, 42);
	g_assert_cmpuint(hot->key.direction, ==, FLOW_EGRESS);
	pcapread_free(f);
}

/* Nothing at or after UNTIL_NS, however often it is asked. */
static void
test_until(void)
{
	static const uint64_t at[] = { 0, 100, 999, 1000, 1001, 5000 }; /* ms */
	struct pcapread *f = pcapread_new(1024);
	GByteArray *octets = raw();

	for (size_t i = 0; i < G_N_ELEMENTS(at); i++)
		pcapfile_add_udp(octets, T0 + at[i] * MS, 1, OCTETS);
	pcapread_add(f, octets);
	pcapread_open(f);
	for (size_t i = 0; i < G_N_ELEMENTS(at); i++) {
		for (int again = 0; again < 2; again++) {
			enum source_state state =
				source_pcap_read(f->source, T0 + at[i] * MS);

			g_assert_cmpint(state, ==, SOURCE_DUE);
			g_assert_cmpuint(f->counters.packets_seen, ==, i);
			g_assert_cmpuint(source_pcap_next_ns(f->source), ==,
					 T0 + at[i] * MS);
			g_assert_cmpuint(source_pcap_last_ns(f->source), ==,
					 i ? T0 + at[i - 1] * MS : 0);
			pcapread_check_sums(f, 0, 0);
		}
	}
	/* One nanosecond later, it comes. */
	g_assert_cmpint(source_pcap_read(f->source, T0 + 5 * SECOND + 1), ==,
			SOURCE_END);
	pcapread_check_flow(f, 1, 6, 6 * OCTETS, 0, 5 * SECOND);
	pcapread_free(f);
}

/* A little out of order: all count, the latest is the latest. */
static void
test_disorder(void)
{
	struct pcapread *f = pcapread_new(1024);
	GByteArray *octets = raw();

	pcapfile_add_udp(octets, T0 + 10 * SECOND, 1, OCTETS);
	pcapfile_add_udp(octets, T0 + 9 * SECOND, 1, OCTETS);
	pcapfile_add_udp(octets, T0 + 12 * SECOND, 1, OCTETS);
	pcapfile_add_udp(octets, T0 + 11 * SECOND, 2, OCTETS);
	pcapread_add(f, octets);
	pcapread_all(f);
	pcapread_check_flow(f, 1, 3, 3 * OCTETS, 10 * SECOND, 12 * SECOND);
	pcapread_check_flow(f, 2, 1, OCTETS, 11 * SECOND, 11 * SECOND);
	g_assert_cmpuint(source_pcap_last_ns(f->source), ==, T0 + 12 * SECOND);
	pcapread_free(f);
}

/* Time that goes back by a day is told, once, before the packet is taken. */
static void
test_back(void)
{
	const uint64_t day = 24 * 3600 * SECOND;
	struct pcapread *f = pcapread_new(1024);
	GByteArray *octets = raw();

	pcapfile_add_udp(octets, T0 + day, 1, OCTETS);
	pcapfile_add_udp(octets, T0 + day - 1800 * SECOND, 1, OCTETS);
	pcapfile_add_udp(octets, T0, 2, OCTETS);
	pcapfile_add_udp(octets, T0 + SECOND, 2, OCTETS);
	pcapread_add(f, octets);
	pcapread_open(f);
	g_assert_cmpint(source_pcap_read(f->source, UINT64_MAX), ==,
			SOURCE_BACK);
	g_assert_cmpuint(f->counters.packets_seen, ==, 2);
	g_assert_cmpuint(source_pcap_last_ns(f->source), ==, T0 + day);
	g_assert_cmpuint(source_pcap_next_ns(f->source), ==, T0);
	g_assert_cmpint(source_pcap_read(f->source, T0 + SECOND), ==,
			SOURCE_DUE);
	g_assert_cmpuint(f->counters.packets_seen, ==, 3);
	g_assert_cmpuint(source_pcap_last_ns(f->source), ==, T0);
	pcapread_all(f);
	pcapread_check_flow(f, 2, 2, 2 * OCTETS, 0, SECOND);
	pcapread_free(f);
}

/* More flows than slots, one packet each. */
static struct pcapread *
crowd(guint n_flows)
{
	struct pcapread *f = pcapread_new(1);
	GByteArray *octets = raw();

	g_assert_cmpuint(flowtable_n_slots(f->table), ==, SLOTS);
	for (guint i = 0; i < n_flows; i++)
		pcapfile_add_udp(octets, T0 + i * MS, i, OCTETS + i);
	pcapread_add(f, octets);
	pcapread_open(f);
	return f;
}

/* Makes room; adds what was there to *PACKETS and *OCTETS. */
static void
empty(struct pcapread *f, uint64_t *packets, uint64_t *octets)
{
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (!flowtable_is_live(f->table, i))
			continue;
		*packets += f->table->hot[i].packets;
		*octets += f->table->hot[i].octets;
		flowtable_release(f->table, i);
	}
}

/* Where room is made, no packet is lost: at every number of slots to a batch.
 */
static void
test_full(void)
{
	for (guint n_flows = SLOTS + 1; n_flows < 150; n_flows++) {
		struct pcapread *f = crowd(n_flows);
		uint64_t packets = 0, octets = 0;
		guint n_full = 0;

		while (source_pcap_read(f->source, UINT64_MAX) == SOURCE_FULL) {
			g_assert_cmpuint(f->counters.flows_created, ==,
					 ++n_full * SLOTS);
			empty(f, &packets, &octets);
			g_assert_cmpuint(packets, ==, n_full * SLOTS);
		}
		g_assert_cmpuint(n_full, ==, (n_flows - 1) / SLOTS);
		g_assert_cmpuint(f->counters.packets_seen, ==, n_flows);
		g_assert_cmpuint(f->counters.packets_unaccounted, ==, 0);
		pcapread_check_sums(f, packets, octets);
		pcapread_free(f);
	}
}

/* Where it is not, it is asked for once a batch, and what was lost is known. */
static void
test_unaccounted(void)
{
	enum { FLOWS = 40, BATCH = 32 };
	struct pcapread *f = crowd(FLOWS);
	uint64_t lost_octets = 0;

	for (guint i = SLOTS; i < FLOWS; i++)
		lost_octets += OCTETS + i;
	g_assert_cmpint(source_pcap_read(f->source, UINT64_MAX), ==,
			SOURCE_FULL);
	g_assert_cmpuint(f->counters.packets_seen, ==, BATCH);
	g_assert_cmpuint(f->counters.packets_unaccounted, ==, 0);
	g_assert_cmpint(source_pcap_read(f->source, UINT64_MAX), ==,
			SOURCE_FULL);
	g_assert_cmpuint(f->counters.packets_seen, ==, FLOWS);
	g_assert_cmpuint(f->counters.packets_unaccounted, ==, BATCH - SLOTS);
	pcapread_all(f);
	g_assert_cmpuint(f->counters.packets_unaccounted, ==, FLOWS - SLOTS);
	g_assert_cmpuint(f->counters.octets_unaccounted, ==, lost_octets);
	pcapread_check_sums(f, 0, 0);
	pcapread_free(f);
}

/* A long file comes in slices; the loop has its turn between them. */
static void
test_slices(void)
{
	enum { N = 10000, MAX_SLICE = 5000 };
	struct pcapread *f = pcapread_new(1024);
	GByteArray *octets = raw();
	uint64_t before = 0;
	guint n_slices = 1;

	for (guint i = 0; i < N; i++)
		pcapfile_add_udp(octets, T0 + i * MS, i % 100, OCTETS);
	pcapread_add(f, octets);
	pcapread_open(f);
	while (source_pcap_read(f->source, UINT64_MAX) == SOURCE_MORE) {
		g_assert_cmpuint(f->counters.packets_seen, >, before);
		g_assert_cmpuint(f->counters.packets_seen - before, <,
				 MAX_SLICE);
		before = f->counters.packets_seen;
		n_slices++;
	}
	g_assert_cmpuint(n_slices, >, 1);
	g_assert_cmpuint(f->counters.packets_seen, ==, N);
	for (guint i = 0; i < 100; i++)
		pcapread_check_flow(f, i, N / 100, N / 100 * OCTETS, i * MS,
				    (N - 100 + i) * MS);
	pcapread_free(f);
}

static void
add(void)
{
	g_test_add_func("/pcap/account/cut", test_cut);
	g_test_add_func("/pcap/account/ethernet", test_ethernet);
	g_test_add_func("/pcap/account/cooked-tag", test_cooked_tag);
	g_test_add_func("/pcap/account/until", test_until);
	g_test_add_func("/pcap/account/disorder", test_disorder);
	g_test_add_func("/pcap/account/back", test_back);
	g_test_add_func("/pcap/account/full", test_full);
	g_test_add_func("/pcap/account/unaccounted", test_unaccounted);
	g_test_add_func("/pcap/account/slices", test_slices);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
