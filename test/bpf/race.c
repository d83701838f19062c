/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "race.h"

#include <sched.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "expire.h"
#include "overflow.h"
#include "overflow_ring.h"

enum {
	SEED = 1959,
	OVERFLOW_STEPS = 100, /* in a scan, lest it never ends */
	/* In the frame, which is IPv4 and TCP without options: a flow's number
	 * is in its address and in its port. */
	SRC_ADDR = 14 + 12 + 3,
	SRC_PORT = 14 + 20 + 1,
};

struct race {
	struct probe *probe;
	const struct packet_case *c;
	const struct race_args *args;
	struct race_sum *recorded; /* args->n_flows, as each sender's sent */
	struct stats stats;
	struct expire *expire;
	struct overflow_ring *ring; /* NULL: the probe has none */
	struct overflow *overflow;
	int n_running, n_scans;
};

struct sender {
	struct race *race;
	GThread *thread;
	int cpu;
	struct race_sum *sent;
};

static void
add_to(struct race_sum *sum, uint64_t packets, uint64_t octets)
{
	sum->packets += packets;
	sum->octets += octets;
}

static void
stay_on(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu % get_nprocs(), &cpus);
	g_assert_cmpint(sched_setaffinity(0, sizeof(cpus), &cpus), ==, 0);
}

static void *
send_all(void *data)
{
	const struct sender *sender = data;
	struct race *race = sender->race;
	const struct race_args *args = race->args;
	g_autofree uint8_t *frame = packets_whole(race->c);
	GRand *random = g_rand_new_with_seed(SEED + sender->cpu);
	uint32_t left = args->n_packets;

	stay_on(sender->cpu);
	while (left || g_atomic_int_get(&race->n_scans) < (int)args->n_scans) {
		int flow = g_rand_int_range(random, 0, args->n_flows);
		int n = g_rand_int_range(random, 1, args->longest_burst + 1);

		frame[SRC_ADDR] = flow >> 8;
		frame[SRC_PORT] = flow;
		kernel_run(race->probe, FLOW_INGRESS, frame, &race->c->packet,
			   n);
		add_to(&sender->sent[flow], n, n * race->c->value.octets);
		left -= MIN(left, (uint32_t)n);
	}
	g_rand_free(random);
	g_atomic_int_dec_and_test(&race->n_running);
	return NULL;
}

static void
on_record(void *to, struct record *record)
{
	struct race *race = to;
	uint32_t flow =
		record->key.src_addr[15] << 8 | (record->key.src_port & 0xff);

	g_assert_cmpuint(flow, <, race->args->n_flows);
	g_assert_cmpuint(record->start_ns, <=, record->end_ns);
	g_assert_cmpuint(record->value.tcp_flags, ==, race->c->value.tcp_flags);
	add_to(&race->recorded[flow], record->value.packets,
	       record->value.octets);
}

static void
on_flush(void *to)
{
	(void)to;
}

static void
scan_table(struct race *race, enum expire_scan kind)
{
	enum expire_state state;

	expire_begin(race->expire, kind);
	do {
		struct instant now = probe_now(race->probe);

		state = expire_step(race->expire, &now);
		if (state == EXPIRE_WAITING) {
			if (!race->args->hasty)
				probe_grace(race->probe);
			expire_grace_over(race->expire);
		}
	} while (state != EXPIRE_RESTING);
}

static void
scan_overflow(struct race *race, enum expire_scan kind)
{
	enum expire_state state = EXPIRE_SCANNING;

	overflow_begin(race->overflow, kind);
	for (int i = 0; state != EXPIRE_RESTING; i++) {
		struct instant now = probe_now(race->probe);

		if (g_atomic_int_get(&race->n_running) && i >= OVERFLOW_STEPS)
			break;
		state = overflow_step(race->overflow, &now);
	}
}

static void
scan(struct race *race, enum expire_scan kind)
{
	scan_table(race, kind);
	if (race->overflow)
		scan_overflow(race, kind);
	g_atomic_int_inc(&race->n_scans);
}

/* Compares flow by flow. */
static struct race_result
compare(const struct race *race, const struct sender *senders)
{
	struct race_result result = { 0 };

	for (uint32_t flow = 0; flow < race->args->n_flows; flow++) {
		const struct race_sum got = race->recorded[flow];
		struct race_sum sent = { 0 };

		for (int i = 0; i < RACE_SENDERS; i++)
			add_to(&sent, senders[i].sent[flow].packets,
			       senders[i].sent[flow].octets);
		add_to(&result.sent, sent.packets, sent.octets);
		add_to(&result.recorded, got.packets, got.octets);
		add_to(&result.missing,
		       sent.packets - MIN(sent.packets, got.packets),
		       sent.octets - MIN(sent.octets, got.octets));
		add_to(&result.surplus,
		       got.packets - MIN(sent.packets, got.packets),
		       got.octets - MIN(sent.octets, got.octets));
	}
	return result;
}

static void
run_senders(struct race *race, struct sender *senders)
{
	GRand *random = g_rand_new_with_seed(SEED);

	race->n_running = RACE_SENDERS;
	for (int i = 0; i < RACE_SENDERS; i++) {
		senders[i].race = race;
		senders[i].cpu = i;
		senders[i].sent = g_new0(struct race_sum, race->args->n_flows);
		senders[i].thread =
			g_thread_new("sender", send_all, &senders[i]);
	}
	while (g_atomic_int_get(&race->n_running))
		scan(race,
		     g_rand_int_range(random, EXPIRE_DUE, EXPIRE_DRAIN + 1));
	for (int i = 0; i < RACE_SENDERS; i++)
		g_thread_join(senders[i].thread);
	g_rand_free(random);
}

static void
begin(struct race *race)
{
	const struct expire_timeouts timeouts = {
		.idle_ns = 1,
		.active_ns = CLOCK_SECOND_NS / 100,
	};
	const struct sink sink = { on_record, on_flush, race };
	const int fd = probe_overflow_fd(race->probe);

	race->recorded = g_new0(struct race_sum, race->args->n_flows);
	race->expire = expire_new(probe_table(race->probe), &timeouts, &sink,
				  &race->stats);
	if (fd < 0)
		return;
	race->ring = overflow_ring_new(fd, NULL);
	g_assert_nonnull(race->ring);
	race->overflow = overflow_new(&(struct overflow_args){
		.source = overflow_ring_source(race->ring),
		.max = race->args->n_flows,
		.timeouts = timeouts,
		.sink = sink,
		.stats = &race->stats,
	});
}

static void
end(struct race *race, struct sender *senders)
{
	overflow_free(race->overflow);
	overflow_ring_free(race->ring);
	expire_free(race->expire);
	g_free(race->recorded);
	for (int i = 0; i < RACE_SENDERS; i++)
		g_free(senders[i].sent);
}

/* What is still in the tables is reported; there is nothing else. */
static void
report_rest(struct race *race)
{
	uint64_t n_records;

	scan(race, EXPIRE_DUE); /* takes in what is in the ring */
	scan(race, EXPIRE_REPORT);
	n_records = race->stats.records_made;
	scan(race, EXPIRE_DRAIN);
	g_assert_cmpuint(race->stats.records_made, ==, n_records);
	g_assert_cmpuint(kernel_n_live(probe_table(race->probe)), ==, 0);
}

struct race_result
race_run(struct probe *probe, const struct packet_case *c,
	 const struct race_args *args)
{
	struct race race = { .probe = probe, .c = c, .args = args };
	struct sender senders[RACE_SENDERS] = { 0 };
	struct flow_counters before;
	struct race_result result;

	kernel_clear(probe_table(probe));
	probe_counters(probe, &before);
	begin(&race);
	run_senders(&race, senders);
	report_rest(&race);
	result = compare(&race, senders);
	result.count = kernel_counted(probe, &before);
	if (race.overflow)
		overflow_count(race.overflow, &result.count);
	result.n_records = race.stats.records_made;
	g_assert_cmpuint(race.stats.packets_recorded, ==,
			 result.recorded.packets);
	g_assert_cmpuint(race.stats.octets_recorded, ==,
			 result.recorded.octets);
	end(&race, senders);
	return result;
}
