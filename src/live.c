/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live.h"

#include "log.h"

enum {
	PATIENCE_MS = 2,
	MAX_PATIENCE_MS = 1000, /* of a scan */
	DETACH_MS = 2000,	/* of those in which we are to stop */
};

struct live {
	struct live_args args;
	struct ifwatch *ifwatch;
	struct probe *probe;
	struct observe *observe;
	struct expire *expire;
	guint scan_timer;
	guint detach_timer; /* 0: not detaching */
	guint step_source;  /* 0: the stage rests, or waits */
	bool waiting;	    /* for a grace period */
	guint patience_ms;  /* spent since the scan began */
	bool stopping;
};

static void schedule(struct live *live);

static void
on_grace_over(void *to)
{
	struct live *live = to;

	live->waiting = false;
	expire_grace_over(live->expire);
	schedule(live);
}

static gboolean
on_patience(void *to)
{
	struct live *live = to;

	live->step_source = 0;
	schedule(live);
	return G_SOURCE_REMOVE;
}

/* An exporter that is busy is given time, but not for ever. */
static bool
wait_for_exporters(struct live *live)
{
	if (!live->args.busy(live->args.to) ||
	    live->patience_ms >= MAX_PATIENCE_MS)
		return false;
	live->patience_ms += PATIENCE_MS;
	live->step_source = g_timeout_add(PATIENCE_MS, on_patience, live);
	return true;
}

static gboolean
on_step(void *to)
{
	struct live *live = to;
	struct instant now = probe_now(live->probe);
	enum expire_state state = expire_step(live->expire, &now);

	if (state == EXPIRE_HARVESTING && wait_for_exporters(live))
		return G_SOURCE_REMOVE;
	if (state == EXPIRE_SCANNING || state == EXPIRE_HARVESTING)
		return G_SOURCE_CONTINUE;
	live->step_source = 0;
	if (state == EXPIRE_WAITING) {
		live->waiting = true;
		probe_grace_begin(live->probe, on_grace_over, live);
		return G_SOURCE_REMOVE;
	}
	live->patience_ms = 0;
	if (live->stopping)
		live->args.done(live->args.to);
	return G_SOURCE_REMOVE;
}

static void
schedule(struct live *live)
{
	if (!live->step_source && !live->waiting)
		live->step_source = g_idle_add(on_step, live);
}

static void
scan(struct live *live, enum expire_scan how)
{
	expire_begin(live->expire, how);
	schedule(live);
}

static gboolean
on_scan_timer(void *to)
{
	scan(to, EXPIRE_DUE);
	return G_SOURCE_CONTINUE;
}

static bool
build(struct live *live, GError **error)
{
	const struct live_args *args = &live->args;
	const struct probe_args probe_args = {
		.max = args->flows_max,
		.precise = args->precise_times,
		.tcp_end = args->timeouts.tcp_end_ns,
	};

	live->ifwatch = ifwatch_new(args->iftable, IFWATCH_BUFFER, error);
	if (!live->ifwatch)
		return false;
	live->probe = probe_new(&probe_args, error);
	if (!live->probe)
		return false;
	live->expire = expire_new(probe_table(live->probe), &args->timeouts,
				  &args->sink, args->stats);
	live->observe =
		observe_new(args->observe, args->iftable, live->probe, error);
	if (!live->observe)
		return false;
	ifwatch_follow(live->ifwatch, observe_told, live->observe);
	return true;
}

struct live *
live_new(const struct live_args *args, GError **error)
{
	struct live *live = g_new0(struct live, 1);

	live->args = *args;
	if (!build(live, error)) {
		live_free(live);
		return NULL;
	}
	live->scan_timer = g_timeout_add(
		MAX(1, args->scan_interval_ns / 1000000), on_scan_timer, live);
	return live;
}

void
live_free(struct live *live)
{
	if (!live)
		return;
	/* A grace period that is under way would call back into us. */
	while (live->waiting)
		g_main_context_iteration(NULL, TRUE);
	g_clear_handle_id(&live->scan_timer, g_source_remove);
	g_clear_handle_id(&live->step_source, g_source_remove);
	g_clear_handle_id(&live->detach_timer, g_source_remove);
	ifwatch_free(live->ifwatch);
	observe_free(live->observe);
	expire_free(live->expire);
	probe_free(live->probe);
	g_free(live);
}

void
live_report(struct live *live)
{
	scan(live, EXPIRE_REPORT);
}

static void
drain(struct live *live)
{
	live->stopping = true;
	g_clear_handle_id(&live->detach_timer, g_source_remove);
	/* A program that still runs may begin a flow behind the scan's back. */
	probe_grace(live->probe);
	scan(live, EXPIRE_DRAIN);
}

static void
on_detached(void *to)
{
	struct live *live = to;

	if (live->detach_timer)
		drain(live);
}

/* Hundreds of TCX links take their time. */
static gboolean
on_detach_timer(void *to)
{
	struct live *live = to;

	log_warning("interfaces: not detached within %d s, what they carry "
		    "from now on is not exported",
		    DETACH_MS / 1000);
	live->detach_timer = 0;
	drain(live);
	return G_SOURCE_REMOVE;
}

void
live_stop(struct live *live)
{
	g_clear_handle_id(&live->scan_timer, g_source_remove);
	g_clear_pointer(&live->ifwatch, ifwatch_free);
	live->detach_timer = g_timeout_add(DETACH_MS, on_detach_timer, live);
	observe_stop(live->observe, on_detached, live);
}

void
live_count(struct live *live)
{
	probe_counters(live->probe, &live->args.stats->kernel);
}
