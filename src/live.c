/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live.h"

#include "live_beat.h"
#include "live_tables.h"
#include "log.h"

enum {
	PATIENCE_MS = 2,
	MAX_PATIENCE_MS = 1000, /* of a scan */
	DETACH_MS = 2000,	/* of those in which we are to stop */
	MANY_NEW = 64,		/* of the table in a beat: it is filling up */
};

struct live {
	struct live_args args;
	struct probe *probe;
	struct live_tables tables;
	struct ifwatch *ifwatch;
	struct observe *observe;
	struct clock clock;
	struct beat beat;
	uint64_t n_created; /* flows, at the last beat */
	guint scan_timer;
	guint detach_timer; /* 0: not detaching */
	guint step_source;  /* 0: the stage rests, or waits */
	bool waiting;	    /* for a grace period */
	guint patience_ms;  /* spent since the scan began */
	bool stopping;
};

static void schedule(struct live *live);

static struct instant
look_at_clock(struct live *live)
{
	struct instant now = probe_now(live->probe);

	clock_keep(&live->clock, &now);
	return now;
}

static void
on_grace_over(void *to)
{
	struct live *live = to;

	live->waiting = false;
	expire_grace_over(live->tables.expire);
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

/* One step of each table; the state of who has more to do. */
static enum expire_state
step(struct live *live)
{
	const struct live_tables *tables = &live->tables;
	struct instant now = look_at_clock(live);
	enum expire_state overflow = EXPIRE_RESTING, state = EXPIRE_WAITING;

	if (tables->overflow)
		overflow = overflow_step(tables->overflow, &now);
	if (!live->waiting)
		state = expire_step(tables->expire, &now);
	if (state == EXPIRE_WAITING && !live->waiting) {
		live->waiting = true;
		probe_grace_begin(live->probe, on_grace_over, live);
	}
	return overflow == EXPIRE_RESTING ? state : overflow;
}

static gboolean
on_step(void *to)
{
	struct live *live = to;
	enum expire_state state = step(live);

	if (state == EXPIRE_HARVESTING && wait_for_exporters(live))
		return G_SOURCE_REMOVE;
	if (state == EXPIRE_SCANNING || state == EXPIRE_HARVESTING)
		return G_SOURCE_CONTINUE;
	live->step_source = 0;
	if (state == EXPIRE_WAITING)
		return G_SOURCE_REMOVE;
	live->patience_ms = 0;
	if (live->stopping)
		live->args.done(live->args.to);
	return G_SOURCE_REMOVE;
}

static void
schedule(struct live *live)
{
	if (!live->step_source)
		live->step_source = g_idle_add(on_step, live);
}

static void
set_clock(struct live *live)
{
	struct instant now = probe_now(live->probe);

	clock_set(&live->clock, &now);
}

static void
scan(struct live *live, enum expire_scan how)
{
	set_clock(live);
	tables_begin(&live->tables, how);
	schedule(live);
}

static gboolean
on_scan_timer(void *to)
{
	scan(to, EXPIRE_DUE);
	return G_SOURCE_CONTINUE;
}

static void
tell_pressure(bool before, bool after)
{
	if (after && !before)
		log_warning("flow table: under pressure: what is quiet longest "
			    "ends early (flows.max)");
	else if (before && !after)
		log_info("flow table: room again, no flow ends early");
}

/* Takes what is in the ring; true: there was something. */
static bool
look_at_ring(struct live *live)
{
	if (!live->tables.overflow)
		return false;
	schedule(live);
	return tables_overflows(&live->tables);
}

/* True: it is filling up. */
static bool
look_at_load(struct live *live)
{
	struct instant now = look_at_clock(live);
	bool pressed = expire_is_pressed(live->tables.expire);
	struct flow_counters counters;
	uint64_t n_new;

	probe_counters(live->probe, &counters);
	n_new = counters.flows_created - live->n_created;
	live->n_created = counters.flows_created;
	if (expire_load(live->tables.expire, counters.flows_created, &now)) {
		expire_begin(live->tables.expire, EXPIRE_DUE);
		schedule(live);
	}
	tell_pressure(pressed, expire_is_pressed(live->tables.expire));
	return expire_is_pressed(live->tables.expire) ||
	       n_new > live->args.probe.max / MANY_NEW;
}

static bool
look(void *to, bool hasty)
{
	struct live *live = to;
	bool filling = look_at_load(live);

	return (hasty && look_at_ring(live)) || filling;
}

static bool
build(struct live *live, GError **error)
{
	const struct live_args *args = &live->args;

	live->ifwatch = ifwatch_new(args->iftable, IFWATCH_BUFFER, error);
	if (!live->ifwatch)
		return false;
	live->probe = probe_new(&args->probe, error);
	if (!live->probe)
		return false;
	if (!tables_make(&live->tables, args, live->probe, error))
		return false;
	live->observe = observe_new(&args->settings.observe, args->iftable,
				    live->probe, error);
	if (!live->observe)
		return false;
	ifwatch_follow(live->ifwatch, observe_told, live->observe);
	return true;
}

static void
begin_scans(struct live *live)
{
	uint64_t interval_ns = live->args.settings.scan_interval_ns;

	live->scan_timer = g_timeout_add(MAX(1, interval_ns / 1000000),
					 on_scan_timer, live);
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
	set_clock(live);
	begin_scans(live);
	live->beat =
		(struct beat){ look, live, probe_overflow_fd(live->probe) };
	beat_begin(&live->beat);
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
	beat_end(&live->beat);
	g_clear_handle_id(&live->step_source, g_source_remove);
	g_clear_handle_id(&live->detach_timer, g_source_remove);
	ifwatch_free(live->ifwatch);
	observe_free(live->observe);
	tables_clear(&live->tables);
	probe_free(live->probe);
	g_free(live);
}

void
live_set(struct live *live, const struct live_settings *settings)
{
	uint64_t interval_ns = live->args.settings.scan_interval_ns;

	live->args.settings = *settings;
	tables_set(&live->tables, &settings->timeouts);
	observe_set(live->observe, &settings->observe);
	if (settings->scan_interval_ns == interval_ns)
		return;
	g_clear_handle_id(&live->scan_timer, g_source_remove);
	begin_scans(live);
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
	beat_end(&live->beat);
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

struct live_view
live_look(struct live *live)
{
	return (struct live_view){
		.args = &live->args,
		.observe = live->observe,
		.probe = live->probe,
		.expire = live->tables.expire,
		.overflow = live->tables.overflow,
		.now = look_at_clock(live),
	};
}
