/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expire.h"
#include "kernel.h"

#include <sched.h>
#include <string.h>
#include <sys/sysinfo.h>

enum {
	MAX_FLOWS = 1024,
	REPEATS = 1000,

	FULL_MAX = 16,	  /* flows, in a table of 32 slots */
	FULL_FLOWS = 200, /* for which both buckets overflow */

	/* Few flows and long bursts: without a grace period, or with a plain
	 * addition, some packet is lost in every run. */
	RACE_SENDERS = 2,
	RACE_FLOWS = 4,
	RACE_PACKETS = 20000000, /* of each sender */
	RACE_BURST = 5000,
	RACE_SEED = 1959,
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

/* What a race has sent, or recorded, of each flow. */
struct tally {
	uint64_t packets[RACE_FLOWS];
	uint64_t octets[RACE_FLOWS];
};

struct sender {
	GThread *thread;
	int cpu;
	struct tally sent;
	int *running;
};

/* The flows differ in the second octet of the source port. */
static void
send_some(struct sender *sender, GRand *random, const struct packet_case *c,
	  uint8_t *data)
{
	int flow = g_rand_int_range(random, 0, RACE_FLOWS);
	int n = g_rand_int_range(random, 1, RACE_BURST);

	data[14 + 20 + 1] = flow;
	kernel_run(shared, FLOW_INGRESS, data, &c->packet, n);
	sender->sent.packets[flow] += n;
	sender->sent.octets[flow] += n * c->value.octets;
}

static uint64_t
sum(const uint64_t *of_flow)
{
	uint64_t total = 0;

	for (int flow = 0; flow < RACE_FLOWS; flow++)
		total += of_flow[flow];
	return total;
}

static void *
send_all(void *data)
{
	struct sender *sender = data;
	const struct packet_case *c = packets_find(packets, "v4-tcp-data");
	g_autofree uint8_t *frame = packets_whole(c);
	GRand *random = g_rand_new_with_seed(RACE_SEED + sender->cpu);
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sender->cpu % get_nprocs(), &cpus);
	g_assert_cmpint(sched_setaffinity(0, sizeof(cpus), &cpus), ==, 0);
	while (sum(sender->sent.packets) < RACE_PACKETS)
		send_some(sender, random, c, frame);
	g_rand_free(random);
	g_atomic_int_dec_and_test(sender->running);
	return NULL;
}

static void
on_record(void *to, struct record *record)
{
	struct tally *recorded = to;
	int flow = record->key.src_port & 0xff;

	g_assert_cmpint(flow, <, RACE_FLOWS);
	g_assert_cmpuint(record->start_ns, <=, record->end_ns);
	g_assert_cmpuint(record->value.tcp_flags, ==, 0x18);
	recorded->packets[flow] += record->value.packets;
	recorded->octets[flow] += record->value.octets;
}

static void
on_flush(void *to)
{
	(void)to;
}

/* A scan of any kind, to its end. */
static void
scan(struct expire *expire, enum expire_scan kind)
{
	enum expire_state state;

	expire_begin(expire, kind);
	do {
		struct instant now = probe_now(shared);

		state = expire_step(expire, &now);
		if (state == EXPIRE_WAITING) {
			probe_grace(shared);
			expire_grace_over(expire);
		}
	} while (state != EXPIRE_RESTING);
}

/* All that was sent of each flow is recorded, and nothing else. */
static void
check_tally(const struct tally *recorded, const struct sender *senders)
{
	for (int flow = 0; flow < RACE_FLOWS; flow++) {
		uint64_t sent = 0, octets = 0;

		for (int i = 0; i < RACE_SENDERS; i++) {
			sent += senders[i].sent.packets[flow];
			octets += senders[i].sent.octets[flow];
		}
		g_assert_cmpuint(recorded->packets[flow], ==, sent);
		g_assert_cmpuint(recorded->octets[flow], ==, octets);
	}
}

/* Scans at random until all has been sent, then reports what is still there. */
static void
race(struct sender *senders, int *running, struct expire *expire,
     struct tally *recorded)
{
	GRand *random = g_rand_new_with_seed(RACE_SEED);

	*running = RACE_SENDERS;
	for (int i = 0; i < RACE_SENDERS; i++) {
		senders[i].cpu = i;
		senders[i].running = running;
		senders[i].thread =
			g_thread_new("sender", send_all, &senders[i]);
	}
	while (g_atomic_int_get(running))
		scan(expire,
		     g_rand_int_range(random, EXPIRE_DUE, EXPIRE_DRAIN + 1));
	for (int i = 0; i < RACE_SENDERS; i++)
		g_thread_join(senders[i].thread);
	g_rand_free(random);

	scan(expire, EXPIRE_REPORT);
	check_tally(recorded, senders);
	scan(expire, EXPIRE_DRAIN);
	check_tally(recorded, senders);
}

/* Two CPUs send the same flows while they are closed: nothing is lost. */
static void
test_race(void)
{
	const struct expire_timeouts timeouts = { 1, CLOCK_SECOND_NS / 100 };
	struct sender senders[RACE_SENDERS] = { 0 };
	struct tally recorded = { 0 };
	struct sink sink = { on_record, on_flush, &recorded };
	struct stats stats = { 0 };
	struct expire *expire;
	struct flow_counters count;
	int running;

	kernel_clear(probe_table(shared));
	probe_counters(shared, &count);
	expire = expire_new(probe_table(shared), &timeouts, &sink, &stats);
	race(senders, &running, expire, &recorded);
	count = kernel_counted(shared, &count);
	g_assert_cmpuint(count.packets_seen, ==, sum(recorded.packets));
	g_assert_cmpuint(count.octets_seen, ==, sum(recorded.octets));
	g_assert_cmpuint(count.packets_unaccounted, ==, 0);
	g_assert_cmpuint(kernel_n_live(probe_table(shared)), ==, 0);
	g_assert_cmpuint(stats.packets_recorded, ==, count.packets_seen);
	g_assert_cmpuint(count.flows_created, >, 2 * RACE_FLOWS);
	expire_free(expire);
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
	g_test_add_func("/account/race", test_race);
}

int
main(int argc, char **argv)
{
	int failed = kernel_main(argc, argv, add);

	g_clear_pointer(&packets, g_ptr_array_unref);
	probe_free(shared);
	return failed;
}
