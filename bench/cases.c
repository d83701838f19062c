/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cases.h"

#include "../test/packets.h"
#include "cable.h"
#include "drain.h"

enum {
	PACKETS = 1 << 20, /* of a run */
	FEW_PACKETS = PACKETS / 4,
	KI64_FLOWS = 1 << 16,
	MI_FLOWS = 1 << 20,
	LIVE_PACKETS = 300000,
};

static struct traffic
one_flow(const struct packet_case *c, const uint8_t *frame)
{
	return (struct traffic){
		.frame = frame,
		.len = c->packet.len,
		.gso_size = c->packet.gso_size,
		.gso_segs = c->packet.gso_segs,
		.n_flows = 1,
	};
}

/* Which differ in their IPv4 source address. */
static struct traffic
flows(const struct bench *bench, uint32_t n)
{
	const struct packet_case *c =
		packets_find(bench->packets, "v4-tcp-data");
	struct traffic traffic = one_flow(c, c->data);

	traffic.n_flows = n;
	return traffic;
}

static struct traffic
in_order(const struct bench *bench, uint32_t n, uint32_t first)
{
	struct traffic traffic = flows(bench, n);

	traffic.in_order = true;
	traffic.first = first;
	return traffic;
}

/* Nanoseconds that PROGRAM adds to an empty one. */
static void
add_net(struct bench *bench, const char *name, const char *who, int program,
	const struct traffic *traffic, uint32_t n_packets)
{
	double empty = runner_run(bench->runner, runner_empty(bench->runner),
				  traffic, n_packets);
	double full = runner_run(bench->runner, program, traffic, n_packets);

	report_add(bench->report, "empty", "empty", "ns", empty);
	report_add(bench->report, name, who, "ns", full - empty);
}

/* One contestant's million flows: begun, met again, and got out. */
static void
run_large(struct bench *bench, const struct contestant *contestant)
{
	const struct traffic begin = in_order(bench, MI_FLOWS, 0);
	const struct traffic rest = in_order(bench, MI_FLOWS, FEW_PACKETS);
	const struct traffic again = flows(bench, MI_FLOWS);
	struct subject subject = subject_open(contestant, MI_FLOWS);
	struct report *report = bench->report;
	struct drain drain;

	add_net(bench, "insert", contestant->name, subject.fd, &begin,
		FEW_PACKETS);
	runner_run(bench->runner, subject.fd, &rest, MI_FLOWS - FEW_PACKETS);
	add_net(bench, "random1m", contestant->name, subject.fd, &again,
		PACKETS);
	drain = drain_subject(&subject);
	subject_close(&subject);
	if (!drain.flows)
		return;
	report_add(report, "harvest1m", contestant->name, "us", drain.harvest);
	report_add(report, "harvest1m.flow", contestant->name, "ns",
		   drain.harvest * 1000 / drain.flows);
	if (!drain.scan)
		return;
	report_add(report, "scan1m", contestant->name, "us", drain.scan);
	report_add(report, "visit1m", contestant->name, "us", drain.visit);
	report_add(report, "visit1m.flow", contestant->name, "ns",
		   drain.visit * 1000 / drain.flows);
}

/* A contestant's small tables, which last for all rounds. */
struct small {
	const struct contestant *contestant;
	const char *hot_name, *medium_name; /* cases */
	uint32_t n_packets;
	struct subject hot, medium;
};

static const char *
name_of(const char *name, const char *option)
{
	g_autofree char *both =
		g_strconcat(name, *option ? "." : "", option, NULL);

	return g_intern_string(both);
}

static struct small
open_small(const struct contestant *contestant, const char *option)
{
	return (struct small){
		.contestant = contestant,
		.hot_name = name_of("hot1", option),
		.medium_name = name_of("random64k", option),
		.n_packets = *option ? FEW_PACKETS : PACKETS,
		.hot = subject_open(contestant, 1),
		.medium = subject_open(contestant, KI64_FLOWS),
	};
}

static void
close_small(void *data)
{
	struct small *small = data;

	subject_close(&small->hot);
	subject_close(&small->medium);
}

static void
run_small(struct bench *bench, struct small *small)
{
	const struct traffic hot = flows(bench, 1);
	const struct traffic all = in_order(bench, KI64_FLOWS, 0);
	const struct traffic medium = flows(bench, KI64_FLOWS);
	const char *who = small->contestant->name;

	add_net(bench, small->hot_name, who, small->hot.fd, &hot,
		small->n_packets);
	runner_run(bench->runner, small->medium.fd, &all, KI64_FLOWS);
	add_net(bench, small->medium_name, who, small->medium.fd, &medium,
		small->n_packets);
}

/* clang-format off */
static const struct { const char *name, *packet; } kinds[] = {
	{ "kind.udp", "v4-udp" },
	{ "kind.icmp", "v4-icmp-echo" },
	{ "kind.options", "v4-options" },
	{ "kind.fragment", "v4-fragment-middle" },
	{ "kind.ipv6", "v6-tcp" },
	{ "kind.ipv6-extension", "v6-destination" },
	{ "kind.ipv6-6-extensions", "v6-six-extensions" },
	{ "kind.vlan", "vlan-8021q" },
	{ "kind.qinq", "vlan-8021ad" },
	{ "kind.mpls", "mpls" },
	{ "kind.pppoe", "pppoe" },
	{ "kind.arp", "arp" },
	{ "kind.gso", "gso-vlan" },
};
/* clang-format on */

static void
run_kinds(struct bench *bench, const struct subject *subject)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		const struct packet_case *c =
			packets_find(bench->packets, kinds[i].packet);
		g_autofree uint8_t *frame = packets_whole(c);
		const struct traffic traffic = one_flow(c, frame);

		add_net(bench, kinds[i].name, OURS, subject->fd, &traffic,
			FEW_PACKETS);
	}
}

/* What options cost, each for itself. */
static const struct option {
	const char *name;
	struct contestant contestant;
} options[] = {
	{ "extremes", { OURS, .args = { .extremes = true } } },
	{ "precise", { OURS, .args = { .precise = true } } },
	{ "tcp-end", { OURS, .args = { .tcp_end = true } } },
	{ "overflow", { OURS, .args = { .overflow = 1 << 22 } } },
	{ "sampling-100", { OURS, .args = { .sampling = 100 } } },
	{ "consistent-100",
	  { OURS, .args = { .sampling = 100, .consistent = true } } },
	{ "partitioned", { OURS, .args = { .partitioned = true } } },
};

void
cases_run(struct bench *bench)
{
	g_autoptr(GArray) smalls =
		g_array_new(FALSE, FALSE, sizeof(struct small));
	struct contestant *all = (void *)bench->contestants->data;

	g_array_set_clear_func(smalls, close_small);
	for (guint i = 0; i < bench->contestants->len; i++) {
		struct small small = open_small(&all[i], "");

		g_array_append_val(smalls, small);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		struct small small =
			open_small(&options[i].contestant, options[i].name);

		g_array_append_val(smalls, small);
	}
	for (int round = 0; round <= bench->n_rounds; round++) {
		for (guint i = 0; i < smalls->len; i++)
			run_small(bench,
				  &g_array_index(smalls, struct small, i));
		for (guint i = 0; i < bench->contestants->len; i++)
			run_large(bench, &all[i]);
		run_kinds(bench, &g_array_index(smalls, struct small, 0).hot);
		if (round == 0) { /* warm now: begin */
			report_free(bench->report);
			bench->report = report_new();
		}
	}
}

void
cases_run_live(struct bench *bench)
{
	struct contestant *all = (void *)bench->contestants->data;
	int nothing = runner_empty(bench->runner);

	cable_lay();
	for (int round = 0; round < bench->n_live_rounds; round++) {
		double empty = cable_run(nothing, KI64_FLOWS, LIVE_PACKETS);

		report_add(bench->report, "live64k", "empty", "ns", empty);
		for (guint i = 0; i < bench->contestants->len; i++) {
			struct subject subject =
				subject_open(&all[i], KI64_FLOWS);
			double full;

			cable_run(subject.fd, KI64_FLOWS, LIVE_PACKETS);
			full = cable_run(subject.fd, KI64_FLOWS, LIVE_PACKETS);
			report_add(bench->report, "live64k", all[i].name, "ns",
				   full - empty);
			subject_close(&subject);
		}
	}
}
