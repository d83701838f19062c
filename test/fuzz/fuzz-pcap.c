/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A capture, read by --read's own head of the walk to records, in a table that
 * is soon full.  Every packet is in a record or in a counter.
 */
#include "fuzz.h"
#include "replay.h"

enum { FLOWS_MAX = 16 };

#define SECOND CLOCK_SECOND_NS

struct sums {
	uint64_t packets, octets;
	bool done;
};

static void
push(void *to, struct record *record)
{
	struct sums *sums = to;

	g_assert(record->start_ns <= record->end_ns);
	g_assert(record->value.packets > 0);
	sums->packets += record->value.packets;
	sums->octets += record->value.octets;
}

static void
flush(void *to)
{
	(void)to;
}

static bool
busy(void *to)
{
	(void)to;
	return false;
}

static void
done(void *to)
{
	struct sums *sums = to;

	sums->done = true;
}

static void
check(const struct sums *sums, const struct flow_counters *kernel)
{
	g_assert(kernel->packets_seen == sums->packets +
						 kernel->packets_malformed +
						 kernel->packets_unaccounted);
	g_assert(kernel->octets_seen ==
		 sums->octets + kernel->octets_unaccounted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *files[] = { fuzz_file(data, size), NULL };
	struct sums sums = { 0 };
	struct stats stats = { 0 };
	struct replay_args args = {
		.files = files,
		.flows_max = FLOWS_MAX,
		.extremes = true,
		.timeouts = { .idle_ns = 15 * SECOND,
			      .active_ns = 60 * SECOND,
			      .tcp_end_ns = 2 * SECOND },
		.scan_interval_ns = SECOND,
		.sink = { push, flush, &sums },
		.stats = &stats,
		.busy = busy,
		.done = done,
		.to = &sums,
	};
	struct replay *replay = replay_new(&args);

	while (!sums.done)
		g_main_context_iteration(NULL, TRUE);
	check(&sums, &stats.kernel);
	replay_free(replay);
	return 0;
}
