/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replayer.h"

#include "pcapfile.h"

static void
push(void *to, struct record *record)
{
	struct replayer *f = to;

	g_assert_cmpuint(f->n_done, ==, 0);
	g_assert_cmpuint(record->start_ns, <=, record->end_ns);
	g_array_append_val(f->records, *record);
}

static void
flush(void *to)
{
	struct replayer *f = to;

	f->n_flushes++;
}

static void
on_done(void *to)
{
	struct replayer *f = to;

	f->n_done++;
}

static bool
never(void *to)
{
	(void)to;
	return false;
}

struct replayer *
replayer_new(uint32_t flows_max, GByteArray *first, GByteArray *second)
{
	struct replayer *f = g_new0(struct replayer, 1);
	GByteArray *const octets[] = { first, second };
	struct replay_args args = {
		.files = (const char *const *)f->files,
		.flows_max = flows_max,
		.timeouts = { .idle_ns = 15 * CLOCK_SECOND_NS,
			      .active_ns = 60 * CLOCK_SECOND_NS,
			      .tcp_end_ns = 2 * CLOCK_SECOND_NS },
		.scan_interval_ns = CLOCK_SECOND_NS,
		.sink = { push, flush, f },
		.stats = &f->stats,
		.busy = never,
		.done = on_done,
		.to = f,
	};

	f->dir = pcapfile_make_dir();
	f->records = g_array_new(FALSE, FALSE, sizeof(struct record));
	for (int i = 0; i < REPLAYER_FILES && octets[i]; i++) {
		g_autofree char *name = g_strdup_printf("%d.pcap", i);

		f->files[i] = pcapfile_write(f->dir, name, octets[i]->data,
					     octets[i]->len);
		g_byte_array_unref(octets[i]);
	}
	f->replay = replay_new(&args);
	return f;
}

void
replayer_free(struct replayer *f)
{
	replay_free(f->replay);
	g_array_unref(f->records);
	for (char **file = f->files; *file; file++)
		g_free(*file);
	pcapfile_remove_dir(f->dir);
	g_free(f);
}

void
replayer_check_end(struct replayer *f)
{
	struct stats *stats = &f->stats;
	uint64_t packets = 0, octets = 0;

	while (g_main_context_iteration(NULL, FALSE))
		;
	stats_settle(stats);
	g_assert_cmpuint(f->n_done, ==, 1);
	g_assert_cmpuint(f->n_flushes, >, 0);
	for (guint i = 0; i < f->records->len; i++) {
		packets += g_array_index(f->records, struct record, i)
				   .value.packets;
		octets += g_array_index(f->records, struct record, i)
				  .value.octets;
	}
	g_assert_cmpuint(packets, ==, stats->kernel.packets_seen);
	g_assert_cmpuint(octets, ==, stats->kernel.octets_seen);
	g_assert_cmpuint(stats->packets_recorded, ==, packets);
	g_assert_cmpuint(stats->octets_recorded, ==, octets);
	g_assert_cmpuint(stats->records_made, ==, f->records->len);
	g_assert_cmpuint(stats->kernel.packets_unaccounted, ==, 0);
	g_assert_cmpuint(stats->flows_active, ==, 0);
}

void
replayer_run(struct replayer *f)
{
	while (!f->n_done)
		g_main_context_iteration(NULL, TRUE);
	replayer_check_end(f);
}

const struct record *
replayer_find(const struct replayer *f, uint16_t flow, guint n)
{
	for (guint i = 0; i < f->records->len; i++) {
		const struct record *record =
			&g_array_index(f->records, struct record, i);

		if (record->key.src_port == flow && n-- == 0)
			return record;
	}
	return NULL;
}

void
replayer_check_record(const struct replayer *f, uint16_t flow, guint n,
		      guint packets, uint64_t start_ns, uint64_t end_ns,
		      enum end_reason end_reason)
{
	const struct record *record = replayer_find(f, flow, n);

	g_assert_nonnull(record);
	g_assert_cmpuint(record->value.packets, ==, packets);
	g_assert_cmpuint(record->value.octets, ==, packets * REPLAYER_OCTETS);
	g_assert_cmpuint(record->start_ns, ==, REPLAYER_T0 + start_ns);
	g_assert_cmpuint(record->end_ns, ==, REPLAYER_T0 + end_ns);
	g_assert_cmpuint(record->end_reason, ==, end_reason);
}
