/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"

#include <string.h>

enum {
	MAX_FLOWS = 1024,
	REPEATS = 1000,

	FULL_MAX = 16,	  /* flows, in a table of 32 slots */
	FULL_FLOWS = 200, /* for which both buckets overflow */
};

static GPtrArray *packets;
static struct probe *shared; /* loading takes a while */

static void
test_merge(void)
{
	const struct packet_case *c = packets_find(packets, "gso-unknown");
	g_autofree uint8_t *data = packets_whole(c);
	struct flow_counters count;
	struct flow_value value;
	struct flow_key key;

	kernel_clear(probe_table(shared));
	probe_counters(shared, &count);
	kernel_run(shared, FLOW_INGRESS, data, &c->packet, REPEATS);
	count = kernel_counted(shared, &count);
	kernel_read_only(probe_table(shared), &key, &value);
	g_assert_cmpuint(value.packets, ==, REPEATS * c->value.packets);
	g_assert_cmpuint(value.octets, ==, REPEATS * c->value.octets);
	g_assert_cmpuint(value.tcp_flags, ==, c->value.tcp_flags);
	g_assert_cmpuint(count.packets_seen, ==, value.packets);
	g_assert_cmpuint(count.octets_seen, ==, value.octets);
	g_assert_cmpuint(count.flows_created, ==, 1);
}

/* Flags are gathered; TTL and MACs stay those of the first packet. */
static void
test_merge_flags(void)
{
	static const uint16_t flags[] = { 0x002, 0x010, 0x018, 0x111, 0x800 };
	const struct packet_case *c = packets_find(packets, "v4-tcp-data");
	g_autofree uint8_t *data = packets_whole(c);
	struct flow_value value;
	struct flow_key key;

	kernel_clear(probe_table(shared));
	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
		data[14 + 20 + 12] = 0x50 | flags[i] >> 8;
		data[14 + 20 + 13] = flags[i];
		data[14 + 8] = 64 - i;
		data[0] = i << 4 | 2;
		kernel_run(shared, FLOW_INGRESS, data, &c->packet, 1);
	}
	kernel_read_only(probe_table(shared), &key, &value);
	g_assert_cmpuint(value.tcp_flags, ==, 0x91b);
	g_assert_cmpuint(value.packets, ==, G_N_ELEMENTS(flags));
	g_assert_cmpuint(value.origin.ttl, ==, 64);
	g_assert_cmpmem(value.origin.dst_mac, 6, c->value.origin.dst_mac, 6);
	g_assert_cmpuint(key.marks, ==, 0);
}

/* A SYN after FIN begins a flow; the first is the daemon's to end. */
static void
test_next_connection(void)
{
	static const uint8_t flags[] = { 0x02, 0x02, 0x11, 0x10, 0x02, 0x10 };
	const struct packet_case *c = packets_find(packets, "v4-tcp-data");
	g_autofree uint8_t *data = packets_whole(c);
	struct table *table = probe_table(shared);
	struct flow_value value;
	struct flow_packet first;
	struct flow_key key;
	uint32_t slot = 0;

	kernel_clear(table);
	for (size_t i = 0; i < sizeof(flags); i++) {
		data[14 + 20 + 13] = flags[i];
		kernel_run(shared, FLOW_INGRESS, data, &c->packet, 1);
	}
	kernel_read_only(table, &key, &value);
	g_assert_cmpuint(value.packets, ==, 2);
	g_assert_cmphex(value.tcp_flags, ==, 0x12);
	while (!flowtable_has_ended(table, slot))
		g_assert_cmpuint(slot++, <, flowtable_n_slots(table));
	flowtable_read(table, slot, &first.key, &first.value);
	g_assert_cmpuint(first.value.packets, ==, 4);
	g_assert_cmphex(first.value.tcp_flags, ==, 0x13);
}

/* Runs skbs of 3 segments, in turns: FULL_FLOWS - n of flow n. */
static void
overflow(struct probe *probe)
{
	const struct packet_case *c = packets_find(packets, "gso-vlan");
	g_autofree uint8_t *data = packets_whole(c);

	for (int i = FULL_FLOWS; i > 0; i--)
		for (int port = 0; port < i; port++) {
			data[18 + 20 + 1] = port;
			kernel_run(probe, FLOW_EGRESS, data, &c->packet, 1);
		}
}

/* Adds up what the slots have; each has all of its flow. */
static struct flow_value
sum_full(const struct table *table)
{
	struct flow_value sum = { 0 };

	for (uint32_t slot = 0; slot < flowtable_n_slots(table); slot++) {
		struct flow_value value;
		struct flow_key key;

		if (!flowtable_is_live(table, slot))
			continue;
		kernel_read(table, slot, &key, &value);
		g_assert_cmpuint(value.packets, ==,
				 3 * (FULL_FLOWS - (key.src_port & 0xff)));
		g_assert_cmpuint(value.octets, ==, value.packets / 3 * 420);
		sum.packets += value.packets;
		sum.octets += value.octets;
	}
	return sum;
}

static void
test_full(void)
{
	const struct packet_case *arp = packets_find(packets, "arp");
	const struct packet_case *bad = packets_find(packets, "v4-version-5");
	const uint64_t sent = 3 * FULL_FLOWS * (FULL_FLOWS + 1) / 2;
	struct probe *probe = kernel_new(FULL_MAX, false);
	struct flow_counters count = { 0 };
	struct flow_value sum;

	overflow(probe);
	kernel_run(probe, FLOW_EGRESS, arp->data, &arp->packet, 5);
	kernel_run(probe, FLOW_EGRESS, bad->data, &bad->packet, 7);
	count = kernel_counted(probe, &count);
	sum = sum_full(probe_table(probe));
	g_assert_cmpuint(kernel_n_live(probe_table(probe)), ==, 2 * FULL_MAX);
	g_assert_cmpuint(count.flows_created, ==, 2 * FULL_MAX);
	g_assert_cmpuint(count.packets_seen, ==, sent + 5 + 7);
	g_assert_cmpuint(count.octets_seen, ==, sent / 3 * 420 + 5 * 46);
	g_assert_cmpuint(count.packets_ignored, ==, 0);
	g_assert_cmpuint(count.packets_malformed, ==, 7);
	g_assert_cmpuint(count.packets_unaccounted, ==, sent + 5 - sum.packets);
	g_assert_cmpuint(count.octets_unaccounted, ==,
			 count.octets_seen - sum.octets);
	probe_free(probe);
}

static void
add(void)
{
	packets = packets_load();
	shared = kernel_new(MAX_FLOWS, false);
	g_test_add_func("/account/merge", test_merge);
	g_test_add_func("/account/merge/flags", test_merge_flags);
	g_test_add_func("/account/next-connection", test_next_connection);
	g_test_add_func("/account/full", test_full);
}

int
main(int argc, char **argv)
{
	int failed = kernel_main(argc, argv, add);

	g_clear_pointer(&packets, g_ptr_array_unref);
	probe_free(shared);
	return failed;
}
