/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * records.c - what a flow costs in each stage, from the table to the wire.
 *
 *	records [OPTION]... [JSON]
 *		--help lists the options; JSON is records.json by default
 *
 * A round fills the table anew and drains it through ever longer chains; a
 * stage costs what its chain takes more than the one before: "expire" (table
 * to records), "decorate", "encode-ipfix" (messages taken and forgotten),
 * "send-udp" (on loopback, to sink as a process of its own).  "records" is the
 * speed of the whole chain, "memcpy" the copy of a record out of a million;
 * paths.h has what de-duplication costs.
 * All in CPU time of this process, which has the kernel's work in it.
 *
 * Exits with 1 if any record or packet that was put in did not come out.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cputime.h"
#include "decorate.h"
#include "encode.h"
#include "expire.h"
#include "exporter.h"
#include "flows.h"
#include "pipeline.h"
#include "paths.h"
#include "receiver.h"
#include "report.h"

enum {
	MTU = 1400,
	DOMAIN = 1,
	FLOWS_MAX = 1 << 26, /* expire has 28 bits for a slot */
};

#define PROGRAM	 "flowexport"
#define TEMPLATE "standard"

/* Each stage's chain begins in the table and ends behind it. */
enum stage { EXPIRE, DECORATE, ENCODE, SEND, N_STAGES };

struct chain {
	struct decorate *decorate;
	struct expire *expire;
	struct stats stats;
	struct flows_sum put, got; /* in all rounds */
};

struct bench {
	struct table *table;
	struct iftable *iftable;
	struct template_set *set;
	struct encoder *encoder;
	struct exporter *exporter;
	struct collector collector;
	struct receiver receiver;
	struct paths *paths;
	struct record *records;
	struct chain chains[N_STAGES];
};

static const char *const names[N_STAGES] = {
	[EXPIRE] = "expire",
	[DECORATE] = "decorate",
	[ENCODE] = "encode-ipfix",
	[SEND] = "send-udp",
};

static int n_flows = 1000000;
static int n_rounds = 9;
static gboolean quick;

static const GOptionEntry entries[] = {
	{ "flows", 'n', 0, G_OPTION_ARG_INT, &n_flows, "in the table (1000000)",
	  "N" },
	{ "rounds", 'r', 0, G_OPTION_ARG_INT, &n_rounds,
	  "how often each runs (9)", "N" },
	{ "quick", 'q', 0, G_OPTION_ARG_NONE, &quick, "a tenth of the flows",
	  NULL },
	{ NULL },
};

static void
count_push(void *to, struct record *record)
{
	struct flows_sum *got = to;

	got->records++;
	got->packets += record->value.packets;
}

static void
count_flush(void *to)
{
	(void)to;
}

static void
encode_flush(void *to)
{
	struct bench *bench = to;
	struct message message;

	while (encode_ipfix.take(bench->encoder, flows_now.wall_ns, &message))
		bench->chains[ENCODE].got.records += message.tally.records;
}

static void
encode_push(void *to, struct record *record)
{
	struct bench *bench = to;

	if (!encode_ipfix.add(bench->encoder, record)) {
		encode_flush(bench);
		encode_ipfix.add(bench->encoder, record);
	}
	bench->chains[ENCODE].got.packets += record->value.packets;
}

/* CPU nanoseconds a record of the chain that ends behind STAGE. */
static double
drain(struct bench *bench, enum stage stage)
{
	struct chain *chain = &bench->chains[stage];
	uint64_t before = chain->put.records;
	enum expire_state state;
	double begin;

	flows_fill(bench->table, n_flows, &chain->put);
	begin = cputime_ns();
	expire_begin(chain->expire, EXPIRE_DRAIN);
	do {
		state = expire_step(chain->expire, &flows_now);
		if (state == EXPIRE_WAITING) /* nobody adds beside us */
			expire_grace_over(chain->expire);
	} while (state != EXPIRE_RESTING);
	while (stage == SEND && exporter_busy(bench->exporter))
		g_main_context_iteration(NULL, TRUE);
	return (cputime_ns() - begin) / (chain->put.records - before);
}

static double
copy(const struct record *records)
{
	double begin = cputime_ns();
	struct record record;

	for (int i = 0; i < n_flows; i++) {
		memcpy(&record, &records[i], sizeof(record));
		__asm__ volatile("" : : "r"(&record) : "memory");
	}
	return (cputime_ns() - begin) / n_flows;
}

static void
run_round(struct bench *bench, struct report *report)
{
	double ns = 0, before;

	for (int stage = 0; stage < N_STAGES; stage++) {
		before = ns;
		ns = drain(bench, stage);
		report_add(report, names[stage], PROGRAM, "ns", ns - before);
	}
	report_add(report, "memcpy", "memcpy", "ns", copy(bench->records));
	report_add(report, "records", PROGRAM, "Mrecords/cpu-s", 1e3 / ns);
	paths_round(bench->paths, report);
}

/* What may fail goes first: the receiver would outlive us. */
static void
init_encoder(struct bench *bench)
{
	g_autoptr(GError) error = NULL;

	bench->set =
		template_set_load(TEMPLATE, pipeline_template_dirs(), &error);
	if (bench->set)
		bench->encoder =
			encode_ipfix.new(bench->set, DOMAIN, MTU, &error);
	if (!bench->encoder)
		errx(1, "%s", error->message);
}

static void
init_exporter(struct bench *bench)
{
	g_autoptr(GError) error = NULL;

	bench->collector = (struct collector){
		.origin = "records",
		.name = "sink",
		.host = "127.0.0.1",
		.protocol = "ipfix",
		.transport = "udp",
		.template_set = TEMPLATE,
		.source = "",
		.port = atoi(bench->receiver.port),
		.mtu = MTU,
		.queue = 16 << 20,
	};
	bench->exporter = exporter_new(&bench->collector, DOMAIN,
				       pipeline_template_dirs(), true, &error);
	if (bench->exporter)
		return;
	warnx("%s", error->message);
	receiver_stop(&bench->receiver);
	exit(1);
}

static void
init_chain(struct bench *bench, enum stage stage)
{
	static const struct expire_timeouts timeouts = {
		.idle_ns = 15 * CLOCK_SECOND_NS,
		.active_ns = 60 * CLOCK_SECOND_NS,
	};
	static struct meter meter;
	struct chain *chain = &bench->chains[stage];
	struct sink sink = { count_push, count_flush, &chain->got };

	if (stage == ENCODE)
		sink = (struct sink){ encode_push, encode_flush, bench };
	if (stage == SEND)
		sink = exporter_sink(bench->exporter);
	if (stage >= DECORATE) {
		meter = meter_make(DOMAIN, 1);
		chain->decorate = decorate_new(bench->iftable, &meter, &sink);
		sink = decorate_sink(chain->decorate);
	}
	chain->expire =
		expire_new(bench->table, &timeouts, &sink, &chain->stats);
}

static void
init(struct bench *bench)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *self = g_file_read_link("/proc/self/exe", &error);
	g_autofree char *bin = NULL;
	g_autofree char *sink = NULL;

	if (!self)
		errx(1, "%s", error->message);
	bin = g_path_get_dirname(self);
	sink = g_build_filename(bin, "sink", NULL);
	init_encoder(bench);
	bench->paths = paths_new(bench->encoder);
	receiver_start(&bench->receiver, sink);
	init_exporter(bench);
	bench->table = flowtable_new(n_flows, false);
	bench->iftable = iftable_new();
	for (uint32_t i = 1; i <= FLOWS_INTERFACES; i++)
		iftable_add(bench->iftable, i, 0);
	for (int stage = 0; stage < N_STAGES; stage++)
		init_chain(bench, stage);
	bench->records = g_new(struct record, n_flows);
	memset(bench->records, 1, n_flows * sizeof(struct record));
}

static void
fini(struct bench *bench)
{
	for (int stage = 0; stage < N_STAGES; stage++) {
		expire_free(bench->chains[stage].expire);
		decorate_free(bench->chains[stage].decorate);
	}
	paths_free(bench->paths);
	exporter_free(bench->exporter);
	encode_ipfix.free(bench->encoder);
	template_set_free(bench->set);
	iftable_free(bench->iftable);
	flowtable_free(bench->table);
	g_free(bench->records);
}

/* Did all come through?  The sink tells of the longest chain. */
static bool
check(struct bench *bench)
{
	struct totals totals = receiver_stop(&bench->receiver);
	bool good = paths_check(bench->paths) && !totals.unread &&
		    !totals.sequence_errors;

	bench->chains[SEND].got =
		(struct flows_sum){ totals.records, totals.packets };
	for (int stage = 0; stage < N_STAGES; stage++) {
		const struct flows_sum *put = &bench->chains[stage].put;
		const struct flows_sum *got = &bench->chains[stage].got;

		if (put->records == got->records &&
		    put->packets == got->packets)
			continue;
		good = false;
		warnx("%s: %" PRIu64 " records with %" PRIu64
		      " packets came of %" PRIu64 " with %" PRIu64,
		      names[stage], got->records, got->packets, put->records,
		      put->packets);
	}
	if (!good)
		warnx("sink: dropped %g messages (root has a larger buffer), "
		      "could not read %g, %g sequence errors",
		      totals.drops, totals.unread, totals.sequence_errors);
	return good;
}

static void
parse_arguments(int *argc, char ***argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new("[JSON]");
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, &error))
		errx(2, "%s", error->message);
	if (quick)
		n_flows /= 10;
	if (*argc > 2 || n_flows < 1 || n_flows > FLOWS_MAX || n_rounds < 1)
		errx(2, "see records --help");
}

int
main(int argc, char **argv)
{
	struct report *report = report_new();
	g_autoptr(GError) error = NULL;
	struct bench bench = { 0 };
	bool good;

	parse_arguments(&argc, &argv);
	init(&bench);
	for (int round = 0; round <= n_rounds; round++) {
		run_round(&bench, report);
		if (round == 0) { /* warm now: begin */
			report_free(report);
			report = report_new();
		}
	}
	good = check(&bench);
	if (!report_write(report, argc > 1 ? argv[1] : "records.json", &error))
		warnx("%s", error->message);
	report_free(report);
	fini(&bench);
	return good && !error ? 0 : 1;
}
