/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mkpcap.c - a capture of many flows, and the truth about it.
 *
 *	mkpcap [OPTION]... FILE
 *		FILE "-" is standard output; --help lists the options
 *
 * Conversations with heavy-tailed sizes, interleaved in time.  The truth is a
 * line of CSV for each one-way flow, later fragments being flows with ports 0;
 * its totals go to standard output.  Equal options, equal files.
 */
#include <arpa/inet.h>
#include <err.h>
#include <glib.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "capture.h"
#include "session.h"

#define SECOND_NS INT64_C(1000000000)
#define PARETO	  1.3 /* shape: there is a mean, and no variance */

#define FRAGMENT_GAP_NS 10000

/* One one-way flow. */
struct tally {
	int64_t first_ns, last_ns;
	uint64_t octets;
	uint32_t packets;
	uint8_t flags;
};

struct source {
	struct session session;
	struct tally tally[2][2]; /* backward?, later fragment? */
	int64_t end_ns;
};

struct event {
	int64_t ns;
	uint32_t source;
};

static gint64 seed = 1, n_packets = 1000000, n_flows = 40000;
static gint64 snap_len = CAPTURE_SNAP_MAX;
static gint64 begin_s = 1700000000; /* 2023-11-14T22:13:20Z */
static double duration_s = 60;
static struct session_shares shares = { .ipv6 = 20, .vlan = 15 };
static gboolean nanoseconds;
static char *truth;
static GRand *dice;

/* clang-format off */
static const GOptionEntry entries[] = {
	{ "seed", 's', 0, G_OPTION_ARG_INT64, &seed,
	  "another seed, another capture", "N" },
	{ "packets", 'n', 0, G_OPTION_ARG_INT64, &n_packets,
	  "fragments count each (1000000)", "N" },
	{ "flows", 'f', 0, G_OPTION_ARG_INT64, &n_flows,
	  "conversations; most are two one-way flows (40000)", "N" },
	{ "begin", 'b', 0, G_OPTION_ARG_INT64, &begin_s,
	  "time of the first, since the epoch (1700000000)", "SECONDS" },
	{ "duration", 'd', 0, G_OPTION_ARG_DOUBLE, &duration_s,
	  "time from first to last (60)", "SECONDS" },
	{ "snaplen", 'l', 0, G_OPTION_ARG_INT64, &snap_len,
	  "octets kept of a packet (65535)", "N" },
	{ "ipv6", '6', 0, G_OPTION_ARG_DOUBLE, &shares.ipv6,
	  "share of IPv6 (20)", "PERCENT" },
	{ "vlan", 'V', 0, G_OPTION_ARG_DOUBLE, &shares.vlan,
	  "share with an 802.1Q tag (15)", "PERCENT" },
	{ "fragments", 'F', 0, G_OPTION_ARG_DOUBLE, &shares.fragments,
	  "share of UDP that comes in fragments (0)", "PERCENT" },
	{ "nanoseconds", 'N', 0, G_OPTION_ARG_NONE, &nanoseconds,
	  "resolution of times, instead of microseconds", NULL },
	{ "truth", 't', 0, G_OPTION_ARG_FILENAME, &truth,
	  "what is in each flow, as CSV", "FILE" },
	{ NULL },
};
/* clang-format on */

/* Sizes after Pareto that together are just as many as asked for. */
static struct source *
make_sources(void)
{
	struct source *sources = g_new0(struct source, n_flows);
	g_autofree double *weight = g_new(double, n_flows);
	uint64_t given = 0, rest = n_packets - n_flows;
	double total = 0, so_far = 0;

	for (uint32_t i = 0; i < n_flows; i++) {
		double size = pow(1 - g_rand_double(dice), -1 / PARETO);

		total += weight[i] = MIN(size - 1, 1 + n_flows / 4);
	}
	for (uint32_t i = 0; i < n_flows; i++) {
		uint64_t before = given;

		so_far += weight[i];
		given = i + 1 < n_flows ? so_far / total * rest : rest;
		session_init(&sources[i].session, i, 1 + given - before,
			     &shares, dice);
	}
	return sources;
}

/* A heap: the earliest event is first. */
static void
sink_down(struct event *heap, uint32_t n, uint32_t i)
{
	struct event event = heap[i];

	for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && heap[child + 1].ns < heap[child].ns)
			child++;
		if (event.ns <= heap[child].ns)
			break;
		heap[i] = heap[child];
	}
	heap[i] = event;
}

/* Mean gaps from a 30,000th to a 30th of the time, as far as there is room. */
static struct event
begin(struct source *source)
{
	const struct session *session = &source->session;
	double gap_s = duration_s * pow(10, -4.5 + 3 * g_rand_double(dice));
	double life_s = MIN(session->n_packets * gap_s, duration_s);
	double start_s = g_rand_double(dice) * (duration_s - life_s);
	struct event event = { begin_s * SECOND_NS + start_s * SECOND_NS,
			       session->number };

	source->end_ns = event.ns + life_s * SECOND_NS;
	return event;
}

static int64_t
next_ns(const struct source *source, int64_t ns)
{
	const struct session *session = &source->session;
	double left_ns = source->end_ns - ns;

	if (session->fragment || left_ns <= 0)
		return ns + FRAGMENT_GAP_NS;
	left_ns *= 2 * g_rand_double(dice);
	left_ns /= session->n_packets - session->n_sent;
	return MIN(source->end_ns, ns + left_ns);
}

static void
emit(struct capture *capture, struct source *source, int64_t ns)
{
	struct packet packet = session_next(&source->session, dice);
	struct tally *tally =
		&source->tally[source->session.backward][packet.offset > 0];

	tally->last_ns = capture_time(capture, ns);
	if (!tally->packets++)
		tally->first_ns = tally->last_ns;
	tally->octets += capture_put(capture, &packet, ns);
	tally->flags |= packet.flags;
}

static void
run(struct source *sources, struct capture *capture)
{
	g_autofree struct event *heap = g_new(struct event, n_flows);
	uint32_t n = n_flows;

	for (uint32_t i = 0; i < n; i++)
		heap[i] = begin(&sources[i]);
	for (uint32_t i = n / 2; i--;)
		sink_down(heap, n, i);
	while (n) {
		struct source *source = &sources[heap->source];

		emit(capture, source, heap->ns);
		if (source->session.n_sent < source->session.n_packets)
			heap->ns = next_ns(source, heap->ns);
		else
			*heap = heap[--n];
		sink_down(heap, n, 0);
	}
}

static void
tell_flow(FILE *csv, const struct session *session, bool later,
	  const struct tally *tally)
{
	struct packet flow = session_flow(session);
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	if (later)
		flow.port[0] = flow.port[1] = 0;
	inet_ntop(flow.family, flow.src, src, sizeof(src));
	inet_ntop(flow.family, flow.dst, dst, sizeof(dst));
	fprintf(csv, "%s,%s,%u,%u,%u,%u,%u,", src, dst, flow.protocol,
		flow.port[0], flow.port[1], flow.tos, flow.vlan);
	fprintf(csv, "%u,%" PRIu64 ",%u,%" PRId64 ",%" PRId64 "\n",
		tally->packets, tally->octets, tally->flags, tally->first_ns,
		tally->last_ns);
}

/* Flows on CSV, which may be NULL, totals on OUT. */
static void
tell(struct source *sources, FILE *csv, FILE *out)
{
	uint64_t packets = 0, octets = 0, flows = 0;

	if (csv)
		fputs("src,dst,proto,src_port,dst_port,tos,vlan,packets,octets,"
		      "tcp_flags,first_ns,last_ns\n",
		      csv);
	for (uint32_t i = 0; i < n_flows * 4; i++) {
		struct source *source = &sources[i / 4];
		const struct tally *tally = &source->tally[i / 2 % 2][i % 2];

		source->session.backward = i / 2 % 2;
		flows += tally->packets > 0;
		packets += tally->packets;
		octets += tally->octets;
		if (csv && tally->packets)
			tell_flow(csv, &source->session, i % 2, tally);
	}
	fprintf(out,
		"flows=%" PRIu64 " packets=%" PRIu64 " octets=%" PRIu64 "\n",
		flows, packets, octets);
}

static void
parse_arguments(int *argc, char ***argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new("FILE");
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, &error))
		errx(2, "%s", error->message);
	if (*argc != 2)
		errx(2, "one FILE, please; see mkpcap --help");
	if (n_flows < 1 || n_flows > SESSION_MAX || n_packets < n_flows ||
	    n_packets > UINT32_MAX || snap_len < 1 ||
	    snap_len > CAPTURE_SNAP_MAX || begin_s < 0 ||
	    begin_s > UINT32_MAX || !(duration_s > 0 && duration_s <= 1000000))
		errx(2, "a number is out of range");
}

int
main(int argc, char **argv)
{
	g_autofree struct source *sources = NULL;
	struct capture *capture;
	FILE *csv = NULL;

	parse_arguments(&argc, &argv);
	if (truth && !(csv = fopen(truth, "w")))
		err(1, "%s", truth);
	capture = capture_create(argv[1], snap_len, nanoseconds);
	dice = g_rand_new_with_seed(seed);
	sources = make_sources();
	run(sources, capture);
	tell(sources, csv, g_str_equal(argv[1], "-") ? stderr : stdout);
	capture_close(capture);
	if (csv && (ferror(csv) || fclose(csv)))
		err(1, "%s", truth);
	g_rand_free(dice);
	return 0;
}
