/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What probe_args changes in the programs: partitions, sampling, overflow. */
#include <bpf/libbpf.h>
#include <sched.h>
#include <string.h>

#include "../tap.h"
#include "kernel.h"

enum {
	PACKETS = 100000,
	RATE = 10,
	/* Ten times the deviation of the mean, with skips uniform in 0..18. */
	SAMPLING_SLACK = 600,
	/* Of flows of one packet, of which one in RATE is taken. */
	FLOWS = 3000,
	FLOWS_SLACK = 160,
	EPOCH_US = 8000, /* of select.h, the shortest */
	MAX = 8,	 /* flows; 16 slots, one bucket */
	RING = 4096,
	RING_PACKETS = RING / 136, /* with a header of 8 each */
};

static GPtrArray *packets;

static struct probe *
probe_of(const struct probe_args *args)
{
	g_autoptr(GError) error = NULL;
	struct probe *probe = probe_new(args, &error);

	g_assert_no_error(error);
	return probe;
}

static void
run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	g_assert_cmpint(sched_setaffinity(0, sizeof(set), &set), ==, 0);
}

static int
second_cpu(const cpu_set_t *set)
{
	int n = 0;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, set) && n++ == 1)
			return cpu;
	return -1;
}

/* A flow has a slot on each CPU that it comes to; their sum is exact. */
static void
test_partitions(void)
{
	const struct packet_case *c = packets_find(packets, "v4-tcp-syn");
	struct probe *probe = probe_of(
		&(struct probe_args){ .max = 1024, .partitioned = true });
	struct table *table = probe_table(probe);
	struct flow_counters count = { 0 };
	struct flow_packet flow;
	uint64_t octets = 0;
	cpu_set_t before;
	int other;

	g_assert_cmpint(sched_getaffinity(0, sizeof(before), &before), ==, 0);
	kernel_run(probe, FLOW_INGRESS, c->data, &c->packet, 5);
	other = second_cpu(&before);
	if (other >= 0)
		run_on(other);
	kernel_run(probe, FLOW_INGRESS, c->data, &c->packet, 3);
	sched_setaffinity(0, sizeof(before), &before);
	for (uint32_t slot = 0; slot < flowtable_n_slots(table); slot++)
		if (flowtable_is_live(table, slot)) {
			flowtable_read(table, slot, &flow.key, &flow.value);
			g_assert_cmpuint(flow.key.dst_port, ==, 443);
			octets += flow.value.octets;
		}
	count = kernel_counted(probe, &count);
	g_assert_cmpuint(octets, ==, 8 * c->value.octets);
	g_assert_cmpuint(count.packets_seen, ==, 8);
	g_assert_cmpuint(count.flows_created, ==, kernel_n_live(table));
	g_assert_cmpuint(kernel_n_live(table), <=, 2);
	probe_free(probe);
}

/* Each partition's packets, by the program's other build. */
static void
test_partitioned_packet(void)
{
	struct probe *probe = probe_of(&(struct probe_args){
		.max = 1024, .partitioned = true, .extremes = true });
	static const char *const names[] = { "v4-tcp-syn", "v6-six-extensions",
					     "mpls-four-v6", "gso-udp", "arp" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const struct packet_case *c = packets_find(packets, names[i]);
		g_autofree uint8_t *data = packets_whole(c);
		struct flow_value value;
		struct flow_key key;

		kernel_clear(probe_table(probe));
		kernel_run(probe, FLOW_EGRESS, data, &c->packet, 1);
		kernel_read_only(probe_table(probe), &key, &value);
		packets_check(c, &key, &value);
	}
	probe_free(probe);
}

static void
test_sampling(void)
{
	const struct packet_case *c = packets_find(packets, "v4-udp");
	struct probe *probe =
		probe_of(&(struct probe_args){ .max = 1024, .sampling = RATE });
	struct flow_counters count = { 0 };
	struct flow_value value;
	struct flow_key key;

	kernel_run(probe, FLOW_INGRESS, c->data, &c->packet, PACKETS);
	count = kernel_counted(probe, &count);
	kernel_read_only(probe_table(probe), &key, &value);
	g_assert_cmpuint(count.packets_seen, ==, PACKETS);
	g_assert_cmpuint(count.packets_ignored + value.packets, ==, PACKETS);
	g_assert_cmpuint(count.octets_seen, ==, value.octets);
	g_assert_cmpuint(value.packets, >, PACKETS / RATE - SAMPLING_SLACK);
	g_assert_cmpuint(value.packets, <, PACKETS / RATE + SAMPLING_SLACK);
	probe_free(probe);
}

static bool
is_taken(struct probe *probe, enum flow_direction direction,
	 const struct packet_case *c, const uint8_t *data)
{
	struct flow_counters count = { 0 };
	const struct flow_counters before = kernel_counted(probe, &count);

	kernel_run(probe, direction, data, &c->packet, 1);
	return !kernel_counted(probe, &before).packets_ignored;
}

/* What a router changes: MACs, TTL and checksum, TOS. */
static void
forward(const struct packet_case *c, uint8_t *data, unsigned ip)
{
	data[0] ^= 1;
	data[6] ^= 1;
	if (c->key.family == FLOW_IPV4) {
		data[ip + 1] ^= 4;
		data[ip + 8]--;
		data[ip + 10] ^= 5;
	} else {
		data[ip + 1] ^= 0x40;
		data[ip + 7]--;
	}
}

/* One packet in RATE is taken, and where it goes out it is the same; but for
 * what is on its way when the epoch ends. */
static void
test_consistent(gconstpointer name)
{
	const struct packet_case *c = packets_find(packets, name);
	struct probe *probe = probe_of(&(struct probe_args){
		.max = 2 * FLOWS, .sampling = RATE, .consistent = true });
	unsigned ip = strstr(name, "8021q") ? 18 : 14;
	unsigned port = ip + (c->key.family == FLOW_IPV4 ? 20 : 40);
	g_autofree uint8_t *data = packets_whole(c);
	int64_t began_us = g_get_monotonic_time();
	int n_taken = 0, n_other = 0;

	for (int flow = 0; flow < FLOWS; flow++) {
		bool taken;

		data[port] = flow >> 8;
		data[port + 1] = flow;
		taken = is_taken(probe, FLOW_INGRESS, c, data);
		forward(c, data, ip);
		n_other += is_taken(probe, FLOW_EGRESS, c, data) != taken;
		n_taken += taken;
	}
	g_assert_cmpint(ABS(n_taken - FLOWS / RATE), <, FLOWS_SLACK);
	g_assert_cmpint(n_other, <=,
			1 + (g_get_monotonic_time() - began_us) / EPOCH_US);
	g_assert_cmpint(n_other, <, n_taken / 2);
	probe_free(probe);
}

/* Runs the packet as flow FLOW, a source port. */
static void
run_flow(struct probe *probe, const struct packet_case *c, uint16_t flow)
{
	g_autofree uint8_t *data = packets_whole(c);

	data[34] = flow >> 8;
	data[35] = flow;
	kernel_run(probe, FLOW_INGRESS, data, &c->packet, 1);
}

struct spilled {
	uint16_t next; /* source port */
	uint64_t octets;
	uint64_t not_before_ns;
};

static int
on_spilled(void *to, void *data, size_t len)
{
	const struct flow_packet *flow = data;
	struct spilled *spilled = to;

	g_assert_cmpuint(len, ==, sizeof(*flow));
	g_assert_cmpuint(flow->key.src_port, ==, spilled->next++);
	g_assert_cmpuint(flow->value.packets, ==, 1);
	g_assert_cmpuint(flow->value.origin.first_ns, >=,
			 spilled->not_before_ns);
	spilled->octets += flow->value.octets;
	return 0;
}

/* What finds the table full is in the ring, in its order; what finds that full,
 * too, is counted. */
static void
test_overflow(void)
{
	const struct packet_case *c = packets_find(packets, "v4-udp");
	struct probe *probe =
		probe_of(&(struct probe_args){ .max = MAX, .overflow = RING });
	struct spilled spilled = { 2 * MAX, 0, clock_boot_ns() };
	struct flow_counters count = { 0 };
	struct ring_buffer *ring = ring_buffer__new(probe_overflow_fd(probe),
						    on_spilled, &spilled, NULL);

	g_assert_nonnull(ring);
	for (int i = 0; i < 2 * MAX + RING_PACKETS + 5; i++)
		run_flow(probe, c, i);
	count = kernel_counted(probe, &count);
	g_assert_cmpuint(kernel_n_live(probe_table(probe)), ==, 2 * MAX);
	g_assert_cmpuint(count.packets_overflowed, ==, RING_PACKETS);
	g_assert_cmpuint(count.packets_unaccounted, ==, 5);
	g_assert_cmpuint(count.octets_unaccounted, ==, 5 * c->value.octets);
	g_assert_cmpint(ring_buffer__consume(ring), ==, RING_PACKETS);
	g_assert_cmpuint(spilled.octets, ==, RING_PACKETS * c->value.octets);
	run_flow(probe, c, spilled.next);
	g_assert_cmpint(ring_buffer__consume(ring), ==, 1);
	ring_buffer__free(ring);
	probe_free(probe);
}

static void
test_no_overflow(void)
{
	struct probe *probe = probe_of(&(struct probe_args){ .max = MAX });

	g_assert_cmpint(probe_overflow_fd(probe), ==, -1);
	probe_free(probe);
}

static void
add(void)
{
	packets = packets_load();
	g_test_add_func("/variants/partitions", test_partitions);
	g_test_add_func("/variants/partitions/packets",
			test_partitioned_packet);
	g_test_add_func("/variants/sampling", test_sampling);
	g_test_add_data_func("/variants/consistent/v4", "v4-udp",
			     test_consistent);
	g_test_add_data_func("/variants/consistent/v6", "v6-udp",
			     test_consistent);
	g_test_add_data_func("/variants/consistent/tag", "vlan-8021q",
			     test_consistent);
	g_test_add_data_func("/variants/consistent/padded", "v4-padded-udp",
			     test_consistent);
	g_test_add_func("/variants/overflow", test_overflow);
	g_test_add_func("/variants/overflow/none", test_no_overflow);
}

int
main(int argc, char **argv)
{
	int failed = kernel_main(argc, argv, add);

	g_clear_pointer(&packets, g_ptr_array_unref);
	return failed;
}
