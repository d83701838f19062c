/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcap.c - exporters that read the same capture, one beside the other.
 *
 *	pcap [OPTION]... [JSON]
 *		--help lists the options; JSON is pcap.json by default
 *
 * mkpcap makes the capture, sink receives, flowexport is $FLOWEXPORT; peers are
 * those that are installed.  A round runs each once.  Cases "ipfix" and
 * "netflow9" (over UDP), "file" and "read" (libpcap doing nothing) tell the
 * speed; others what it took, what came, and what lacks (< 0: is too much),
 * with the case before their names but for a program's first.
 *
 * Exits with 1 if flowexport does not export IPFIX.
 */
#include <err.h>
#include <math.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "peer.h"
#include "receiver.h"
#include "report.h"
#include "trial.h"

#define FLOW_PACKETS 26.5 /* of a conversation, in the mean */
#define LIMIT_S	     300
#define PEERS_MAX    32

enum {
	SPEED,
	MEMORY,
	RECORDS,
	OCTETS_PER_RECORD,
	PACKETS_MISSING,
	OCTETS_MISSING,
	SEQUENCE_ERRORS,
	N_MEASURES
};

struct result {
	double value[N_MEASURES]; /* NAN: not known */
};

struct bench {
	char *self, *sink, *mkpcap; /* programs */
	char *directory;	    /* of all that follow */
	char *log, *capture, *peer_directory;
	struct peer_words words;
	struct totals truth;
	bool in_vain; /* flowexport did not export IPFIX */
	bool failed[PEERS_MAX];
	GArray *results[PEERS_MAX]; /* of struct result */
};

static gint64 n_packets = 5000000;
static int n_rounds = 5;
static gboolean quick;
static char *loop_file;
static volatile sig_atomic_t stopped;

static const GOptionEntry entries[] = {
	{ "packets", 'n', 0, G_OPTION_ARG_INT64, &n_packets,
	  "of the capture (5000000)", "N" },
	{ "rounds", 'r', 0, G_OPTION_ARG_INT, &n_rounds,
	  "how often each runs (5)", "N" },
	{ "quick", 'q', 0, G_OPTION_ARG_NONE, &quick, "a tenth of the packets",
	  NULL },
	{ "loop", 'l', 0, G_OPTION_ARG_FILENAME, &loop_file,
	  "only read FILE: the floor under all others", "FILE" },
	{ NULL },
};

static const struct {
	const char *name, *unit;
} measures[N_MEASURES] = {
	[SPEED] = { "speed", "Mpackets/cpu-s" },
	[MEMORY] = { "memory", "MB" },
	[RECORDS] = { "records", "records" },
	[OCTETS_PER_RECORD] = { "octets-per-record", "octets" },
	[PACKETS_MISSING] = { "packets-missing", "packets" },
	[OCTETS_MISSING] = { "octets-missing", "octets" },
	[SEQUENCE_ERRORS] = { "sequence-errors", "messages" },
};

static void
stop(int signal_number)
{
	stopped = signal_number;
}

static void
see(uint8_t *seen, const struct pcap_pkthdr *header, const uint8_t *data)
{
	*(uint64_t *)seen += header->len + *data;
}

static int
loop(const char *file)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(file, error);
	uint64_t seen = 0;

	if (!pcap)
		errx(1, "%s", error);
	if (pcap_loop(pcap, -1, see, (void *)&seen))
		errx(1, "%s: %s", file, pcap_geterr(pcap));
	pcap_close(pcap);
	return seen == 0;
}

/* What became of PEER, and its last words. */
static void
complain(const struct bench *bench, const struct peer *peer,
	 const struct trial *trial)
{
	g_autofree char *text = NULL;
	char *last;

	if (g_file_get_contents(bench->log, &text, NULL, NULL))
		g_strchomp(text);
	last = text ? strrchr(text, '\n') : NULL;
	fprintf(stderr, "%s %s: %s (status %#x): %s\n", peer->program,
		peer->name, trial->late ? "does not end" : "failed",
		trial->status, last ? last + 1 : text ?: "");
}

static struct result
result_of(const struct trial *trial, const struct totals *got,
	  const struct totals *truth)
{
	return (struct result){ {
		[SPEED] = truth->packets / trial->cpu_s / 1e6,
		[MEMORY] = trial->memory_mb,
		[RECORDS] = got->records,
		[OCTETS_PER_RECORD] = got->bytes / got->records,
		[PACKETS_MISSING] = truth->packets - got->packets,
		[OCTETS_MISSING] = truth->octets - got->octets,
		[SEQUENCE_ERRORS] = got->sequence_errors,
	} };
}

static void
run(struct bench *bench, int i)
{
	const struct peer *peer = &peers[i];
	struct totals got = totals_parse("");
	struct receiver receiver = { 0 };
	struct result result;
	struct trial trial;
	g_auto(GStrv) argv = NULL;

	if (peer_sends(peer))
		receiver_start(&receiver, bench->sink);
	bench->words.port = receiver.port;
	argv = peer_prepare(peer, &bench->words);
	if (!trial_run(argv, bench->log, LIMIT_S, &trial)) {
		complain(bench, peer, &trial);
		bench->failed[i] = true;
		if (g_str_equal(peer->program, PEER_US) &&
		    g_str_equal(peer->name, "ipfix"))
			bench->in_vain = true;
	}
	if (peer_sends(peer))
		got = receiver_stop(&receiver);
	if (got.drops > 0 || got.unread > 0)
		fprintf(stderr, "%s %s: sink dropped %g, could not read %g\n",
			peer->program, peer->name, got.drops, got.unread);
	result = result_of(&trial, &got, &bench->truth);
	if (!bench->failed[i])
		g_array_append_val(bench->results[i], result);
}

/* What failed once is left out from then on. */
static void
run_rounds(struct bench *bench)
{
	for (int round = 0; round < n_rounds; round++)
		for (int i = 0; peers[i].program && !stopped; i++)
			if (!bench->failed[i])
				run(bench, i);
}

/* The case of a measure; lives for ever. */
static const char *
case_of(const struct peer *peer, int measure)
{
	bool first =
		peer == peers || !g_str_equal(peer->program, peer[-1].program);
	g_autofree char *name = NULL;

	if (measure == SPEED)
		return peer->name;
	if (first)
		return measures[measure].name;
	name = g_strconcat(peer->name, "-", measures[measure].name, NULL);
	return g_intern_string(name);
}

static void
tell(const struct bench *bench, int measure, struct report *report)
{
	for (int i = 0; peers[i].program; i++) {
		const GArray *results = bench->results[i];

		for (guint j = 0; j < results->len; j++) {
			double value = g_array_index(results, struct result, j)
					       .value[measure];

			if (!isnan(value))
				report_add(report, case_of(&peers[i], measure),
					   peers[i].program,
					   measures[measure].unit, value);
		}
	}
}

static bool
tell_all(const struct bench *bench, const char *json)
{
	struct report *report = report_new();
	g_autoptr(GError) error = NULL;

	for (int measure = 0; measure < N_MEASURES; measure++)
		tell(bench, measure, report);
	if (!report_write(report, json, &error))
		fprintf(stderr, "%s\n", error->message);
	report_free(report);
	return !error;
}

static bool
make_capture(struct bench *bench)
{
	g_autofree char *packets =
		g_strdup_printf("--packets=%" G_GINT64_FORMAT, n_packets);
	g_autofree char *flows =
		g_strdup_printf("--flows=%.0f", ceil(n_packets / FLOW_PACKETS));
	char *argv[] = { bench->mkpcap,	  packets,	  flows,
			 "--snaplen=128", bench->capture, NULL };
	g_autofree char *line = NULL;
	g_autoptr(GError) error = NULL;
	int status;

	if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &line,
			  NULL, &status, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return false;
	}
	printf("%s: %s", bench->capture, line);
	fflush(stdout);
	bench->truth = totals_parse(line);
	return !status;
}

static void
init_paths(struct bench *bench)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *bin = NULL;

	bench->self = g_file_read_link("/proc/self/exe", &error);
	if (bench->self)
		bench->directory = g_dir_make_tmp("bench-XXXXXX", &error);
	if (error)
		errx(1, "%s", error->message);
	bin = g_path_get_dirname(bench->self);
	bench->sink = g_build_filename(bin, "sink", NULL);
	bench->mkpcap = g_build_filename(bin, "mkpcap", NULL);
	bench->log = g_build_filename(bench->directory, "log", NULL);
	bench->capture = g_build_filename(bench->directory, "pcap", NULL);
	bench->peer_directory =
		g_build_filename(bench->directory, "peer", NULL);
}

static void
init(struct bench *bench)
{
	init_paths(bench);
	bench->words = (struct peer_words){
		.capture = bench->capture,
		.dir = bench->peer_directory,
		.self = bench->self,
		.flowexport = g_getenv("FLOWEXPORT") ?: PEER_US,
	};
	for (int i = 0; peers[i].program; i++) {
		g_assert(i < PEERS_MAX);
		bench->results[i] =
			g_array_new(FALSE, FALSE, sizeof(struct result));
		bench->failed[i] = !peer_is_installed(&peers[i]);
		if (bench->failed[i])
			fprintf(stderr, "%s %s: not installed\n",
				peers[i].program, peers[i].name);
	}
}

static void
fini(struct bench *bench)
{
	peer_remove(bench->directory);
	for (int i = 0; peers[i].program; i++)
		g_array_unref(bench->results[i]);
	g_free(bench->self);
	g_free(bench->sink);
	g_free(bench->mkpcap);
	g_free(bench->directory);
	g_free(bench->log);
	g_free(bench->capture);
	g_free(bench->peer_directory);
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
		n_packets /= 10;
	if (*argc > 2 || n_packets < 100 || n_rounds < 1)
		errx(2, "see pcap --help");
}

int
main(int argc, char **argv)
{
	struct bench bench = { 0 };
	bool good;

	parse_arguments(&argc, &argv);
	if (loop_file)
		return loop(loop_file);
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	init(&bench);
	good = make_capture(&bench);
	if (good) {
		run_rounds(&bench);
		good = tell_all(&bench, argc > 1 ? argv[1] : "pcap.json") &&
		       !bench.in_vain && !stopped;
	}
	fini(&bench);
	return good ? 0 : 1;
}
