/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay.h"

#include <stdio.h>

#include "source_pcap.h"

enum { PROGRESS_MS = 500, PATIENCE_MS = 1 };

struct replay {
	struct replay_args args;
	struct table *table;
	struct expire *expire;
	struct source_pcap *source;
	uint64_t scan_ns;  /* packet time of the next scan; 0: no packet yet */
	guint step_source; /* 0: stopped, or all is read */
	guint progress_timer; /* 0: nobody looks */
	uint64_t began_ns;
};

/* The tick that NS is in, so that ticks become the times that they were. */
static struct instant
instant_at(uint64_t ns)
{
	uint64_t tick = ns / SOURCE_TICK_NS;

	return (struct instant){
		.boot_ns = tick * SOURCE_TICK_NS,
		.wall_ns = tick * SOURCE_TICK_NS,
		.tick_ns = SOURCE_TICK_NS,
		.tick = tick,
	};
}

/* A whole scan; nobody adds to the table meanwhile, so no grace is needed. */
static void
scan(struct replay *replay, enum expire_scan how, uint64_t ns)
{
	struct instant now = instant_at(ns);
	enum expire_state state;

	expire_begin(replay->expire, how);
	do {
		state = expire_step(replay->expire, &now);
		if (state == EXPIRE_WAITING)
			expire_grace_over(replay->expire);
	} while (state != EXPIRE_RESTING);
}

/* One that needs no time but to tell ends by. */
static void
scan_all(struct replay *replay, enum expire_scan how)
{
	scan(replay, how, source_pcap_last_ns(replay->source));
}

/* No flow goes on, and what the stage knows of times to come is void. */
static void
begin_anew(struct replay *replay)
{
	const struct replay_args *args = &replay->args;

	if (replay->expire)
		scan_all(replay, EXPIRE_DRAIN);
	expire_free(replay->expire);
	replay->expire = expire_new(replay->table, &args->timeouts, &args->sink,
				    args->stats);
	replay->scan_ns = 0;
}

/*
 * The scan that comes before the next packet.  Over a pause longer than the
 * idle timeout, at the end of which all have ended, in one: ticks are modulo
 * 2^32 and must not be compared over hours.
 */
static void
scan_due(struct replay *replay)
{
	uint64_t next_ns = source_pcap_next_ns(replay->source);
	uint64_t quiet_ns = source_pcap_last_ns(replay->source) +
			    replay->args.timeouts.idle_ns +
			    replay->args.scan_interval_ns;

	if (!replay->scan_ns) {
		replay->scan_ns = next_ns + replay->args.scan_interval_ns;
		return;
	}
	if (next_ns > quiet_ns) {
		scan(replay, EXPIRE_DUE, quiet_ns);
		replay->scan_ns = next_ns;
	} else {
		scan(replay, EXPIRE_DUE, replay->scan_ns);
	}
	replay->scan_ns += replay->args.scan_interval_ns;
}

static void
clear_progress(struct replay *replay)
{
	if (!replay->progress_timer)
		return;
	fputs("\r\033[K", stderr);
	g_clear_handle_id(&replay->progress_timer, g_source_remove);
}

static gboolean
on_progress(void *to)
{
	const struct replay *replay = to;
	uint64_t size = source_pcap_size(replay->source);
	uint64_t done = source_pcap_done(replay->source);
	uint64_t packets = replay->args.stats->kernel.packets_seen;
	double seconds = (clock_boot_ns() - replay->began_ns) / 1e9;

	fputc('\r', stderr);
	if (size)
		fprintf(stderr, "%.1f of %.1f MB, ", done / 1e6, size / 1e6);
	fprintf(stderr, "%.2f million packets, %.2f million/s\033[K",
		packets / 1e6, packets / 1e6 / seconds);
	return G_SOURCE_CONTINUE;
}

static gboolean on_step(void *to);

static gboolean
on_patience(void *to)
{
	struct replay *replay = to;

	if (replay->args.busy(replay->args.to))
		return G_SOURCE_CONTINUE;
	replay->step_source = g_idle_add(on_step, replay);
	return G_SOURCE_REMOVE;
}

static gboolean
on_step(void *to)
{
	struct replay *replay = to;

	if (replay->args.busy(replay->args.to)) {
		replay->step_source =
			g_timeout_add(PATIENCE_MS, on_patience, replay);
		return G_SOURCE_REMOVE;
	}
	switch (source_pcap_read(replay->source, replay->scan_ns)) {
	case SOURCE_MORE:
		return G_SOURCE_CONTINUE;
	case SOURCE_DUE:
		scan_due(replay);
		return G_SOURCE_CONTINUE;
	case SOURCE_BACK:
		begin_anew(replay);
		return G_SOURCE_CONTINUE;
	case SOURCE_FULL:
		scan_all(replay, EXPIRE_LACK);
		return G_SOURCE_CONTINUE;
	case SOURCE_END:
		break;
	}
	replay_stop(replay);
	return G_SOURCE_REMOVE;
}

struct replay *
replay_new(const struct replay_args *args)
{
	struct replay *replay = g_new0(struct replay, 1);

	replay->args = *args;
	replay->table = flowtable_new(args->flows_max, args->extremes);
	replay->table->tunables.tcp_end = args->timeouts.tcp_end_ns > 0;
	begin_anew(replay);
	replay->source = source_pcap_new(args->files, replay->table,
					 &args->stats->kernel);
	replay->began_ns = clock_boot_ns();
	replay->step_source = g_idle_add(on_step, replay);
	if (args->progress)
		replay->progress_timer =
			g_timeout_add(PROGRESS_MS, on_progress, replay);
	return replay;
}

void
replay_free(struct replay *replay)
{
	if (!replay)
		return;
	g_clear_handle_id(&replay->step_source, g_source_remove);
	clear_progress(replay);
	source_pcap_free(replay->source);
	expire_free(replay->expire);
	flowtable_free(replay->table);
	g_free(replay);
}

void
replay_stop(struct replay *replay)
{
	if (!replay->step_source)
		return;
	g_clear_handle_id(&replay->step_source, g_source_remove);
	clear_progress(replay);
	/* What was read and found no room. */
	while (source_pcap_read(replay->source, 0) == SOURCE_FULL)
		scan_all(replay, EXPIRE_LACK);
	scan_all(replay, EXPIRE_DRAIN);
	replay->args.done(replay->args.to);
}

void
replay_report(struct replay *replay)
{
	scan_all(replay, EXPIRE_REPORT);
}

const char *
replay_complaints(const struct replay *replay)
{
	return source_pcap_complaints(replay->source);
}
