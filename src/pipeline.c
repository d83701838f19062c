/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline.h"

#include "agent.h"
#include "decorate.h"
#include "dedupe.h"
#include "live.h"
#include "loop.h"
#include "pipeline_fan.h"
#include "points.h"
#include "replay.h"

enum {
	DRAIN_MS = 5,
	MAX_STOP_MS = 4000, /* of the five seconds that a stop may take */
};

struct pipeline {
	struct pipeline_args args;
	struct iftable *iftable;
	struct meter meter;
	struct agent *agent;		 /* whose address is in it */
	struct exporter_sources sources; /* of options data */
	struct live *live;		 /* either this ... */
	struct replay *replay;		 /* ... or that */
	struct dedupe *dedupe;		 /* NULL: not needed */
	struct points *points;		 /* NULL: of captures */
	struct decorate *decorate;
	struct fan *fan;
	struct stats stats;
	int64_t stop_us; /* when we were told to; 0: not yet */
	guint drain_timer;
};

static bool
is_pressed(void *to)
{
	const struct pipeline *pipeline = to;

	return fan_any(pipeline->fan, exporter_pressed);
}

/* Once we are told to stop, there is an end to all waiting. */
static bool
may_drain(const struct pipeline *pipeline)
{
	int64_t end_us = pipeline->stop_us + MAX_STOP_MS * 1000;

	return fan_any(pipeline->fan, exporter_busy) &&
	       (!pipeline->stop_us || g_get_monotonic_time() < end_us);
}

static void
give_up(struct exporter *exporter, void *to)
{
	(void)to;
	exporter_give_up(exporter);
}

static gboolean
on_drain_timer(void *to)
{
	struct pipeline *pipeline = to;

	if (may_drain(pipeline))
		return G_SOURCE_CONTINUE;
	pipeline->drain_timer = 0;
	pipeline_give_up(pipeline);
	pipeline->args.done(pipeline->args.to);
	return G_SOURCE_REMOVE;
}

/* No scan comes any more that what was pushed would wait for. */
static void
end_walk(struct pipeline *pipeline)
{
	const struct sink sink = decorate_sink(pipeline->decorate);

	if (pipeline->dedupe)
		dedupe_end(pipeline->dedupe);
	else
		sink_flush(&sink);
}

/* All is in the exporters' hands: wait until it is in the kernel's. */
static void
on_done(void *to)
{
	struct pipeline *pipeline = to;

	end_walk(pipeline);
	if (!pipeline->drain_timer)
		pipeline->drain_timer =
			g_timeout_add(DRAIN_MS, on_drain_timer, pipeline);
}

static const struct stats *
stats_now(void *to)
{
	return pipeline_stats(to);
}

static bool
add_live(struct pipeline *pipeline, const struct sink *sink, GError **error)
{
	const struct config *config = pipeline->args.config;
	const struct observe_args observe = {
		.include = (const char *const *)config->include,
		.exclude = (const char *const *)config->exclude,
		.required = pipeline->args.required,
		.ingress = config->directions != DIRECTIONS_EGRESS,
		.egress = config->directions != DIRECTIONS_INGRESS,
		.method = (enum probe_method)config->attach,
	};
	const struct live_args args = {
		.observe = &observe,
		.iftable = pipeline->iftable,
		.probe = {
			.max = config->flows_max,
			.precise = config->precise_times,
			.extremes = fan_any(pipeline->fan,
					    exporter_wants_extremes),
			.tcp_end = config->tcp_end_ns > 0,
			.sampling = config->sampling,
			.overflow = config->overflow,
		},
		.timeouts = { config->idle_timeout_ns,
			      config->active_timeout_ns, config->tcp_end_ns },
		.scan_interval_ns = config->scan_interval_ns,
		.sink = *sink,
		.stats = &pipeline->stats,
		.busy = is_pressed,
		.done = on_done,
		.to = pipeline,
	};

	pipeline->live = live_new(&args, error);
	return pipeline->live;
}

static bool
add_replay(struct pipeline *pipeline, const struct sink *sink)
{
	const struct config *config = pipeline->args.config;
	const struct replay_args args = {
		.files = pipeline->args.files,
		.flows_max = config->flows_max,
		.extremes = fan_any(pipeline->fan, exporter_wants_extremes),
		.timeouts = { config->idle_timeout_ns,
			      config->active_timeout_ns, config->tcp_end_ns },
		.scan_interval_ns = config->scan_interval_ns,
		.sink = *sink,
		.stats = &pipeline->stats,
		.busy = is_pressed,
		.done = on_done,
		.to = pipeline,
		.progress = pipeline->args.progress,
	};

	pipeline->replay = replay_new(&args);
	return true;
}

/* A capture is one observation point. */
static void
add_points(struct pipeline *pipeline, struct sink *sink)
{
	const struct config *config = pipeline->args.config;
	const struct dedupe_args args = {
		.mode = (enum dedupe_mode)config->dedupe_mode,
		.expire_ns = config->dedupe_expire_ns,
		.active_ns = config->active_timeout_ns,
		.flows_max = config->flows_max,
		.held_max = MIN(config->flows_max, DEDUPE_HELD_MAX),
		.iftable = pipeline->iftable,
		.sink = *sink,
		.stats = &pipeline->stats,
	};

	if (pipeline->args.files)
		return;
	if (args.mode != DEDUPE_OFF) {
		pipeline->dedupe = dedupe_new(&args);
		*sink = dedupe_sink(pipeline->dedupe);
	}
	pipeline->points = points_new(pipeline->iftable, sink);
	*sink = points_sink(pipeline->points);
}

/* Once the interfaces are known. */
static void
add_agent(struct pipeline *pipeline)
{
	const struct config *config = pipeline->args.config;
	const struct agent_args args = {
		.agent_ip = config->agent_ip,
		.collectors = config->collectors,
		.iftable = pipeline->iftable,
		.meter = &pipeline->meter,
	};

	pipeline->agent = agent_new(&args);
}

/* The walk, its last stage first. */
static bool
build(struct pipeline *pipeline, GError **error)
{
	struct sink sink;

	if (pipeline->args.print) {
		sink = print_sink(pipeline->args.print);
		fan_add(pipeline->fan, &sink);
	}
	if (!fan_add_collectors(pipeline->fan, pipeline->args.config,
				pipeline_template_dirs(), &pipeline->sources,
				pipeline->args.files, error))
		return false;
	sink = fan_sink(pipeline->fan);
	pipeline->decorate =
		decorate_new(pipeline->iftable, &pipeline->meter, &sink);
	sink = decorate_sink(pipeline->decorate);
	add_points(pipeline, &sink);
	return pipeline->args.files ? add_replay(pipeline, &sink)
				    : add_live(pipeline, &sink, error);
}

const char *const *
pipeline_template_dirs(void)
{
	static const char *const installed[] = {
		SYSCONFDIR "/flowexport/templates",
		PKGDATADIR "/templates",
		NULL,
	};
	static const char *only[2];

	only[0] = g_getenv("FLOWEXPORT_TEMPLATES");
	return only[0] ? only : installed;
}

struct pipeline *
pipeline_new(const struct pipeline_args *args, GError **error)
{
	struct pipeline *pipeline = g_new0(struct pipeline, 1);

	pipeline->args = *args;
	loop_watch();
	pipeline->iftable = iftable_new();
	pipeline->fan = fan_new();
	/* Of a capture, each packet is taken. */
	pipeline->meter = meter_make(args->config->domain,
				     args->files ? 1 : args->config->sampling);
	pipeline->sources = (struct exporter_sources){
		.meter = &pipeline->meter,
		.iftable = pipeline->iftable,
		.stats = stats_now,
		.to = pipeline,
	};
	if (!build(pipeline, error)) {
		pipeline_free(pipeline);
		return NULL;
	}
	add_agent(pipeline);
	return pipeline;
}

void
pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	g_clear_handle_id(&pipeline->drain_timer, g_source_remove);
	live_free(pipeline->live);
	replay_free(pipeline->replay);
	points_free(pipeline->points);
	dedupe_free(pipeline->dedupe);
	decorate_free(pipeline->decorate);
	agent_free(pipeline->agent);
	fan_free(pipeline->fan);
	iftable_free(pipeline->iftable);
	g_free(pipeline);
}

void
pipeline_report(struct pipeline *pipeline)
{
	if (pipeline->live)
		live_report(pipeline->live);
	else
		replay_report(pipeline->replay);
}

void
pipeline_stop(struct pipeline *pipeline)
{
	/* Once nobody waits for us, the loop may be held. */
	pipeline->stats.loop_hold = loop_hold_us();
	pipeline->stop_us = g_get_monotonic_time();
	if (pipeline->live)
		live_stop(pipeline->live);
	else
		replay_stop(pipeline->replay);
}

void
pipeline_give_up(struct pipeline *pipeline)
{
	fan_each(pipeline->fan, give_up, NULL);
}

const char *
pipeline_complaints(const struct pipeline *pipeline)
{
	return pipeline->replay ? replay_complaints(pipeline->replay) : NULL;
}

const struct stats *
pipeline_stats(struct pipeline *pipeline)
{
	if (pipeline->live)
		live_count(pipeline->live);
	if (!pipeline->stop_us)
		pipeline->stats.loop_hold = loop_hold_us();
	stats_settle(&pipeline->stats);
	return &pipeline->stats;
}

void
pipeline_each_collector(const struct pipeline *pipeline,
			void (*each)(const struct exporter_state *state,
				     void *to),
			void *to)
{
	fan_look(pipeline->fan, each, to);
}

void
pipeline_each_interface(const struct pipeline *pipeline,
			void (*each)(const struct observe_state *state,
				     void *to),
			void *to)
{
	if (pipeline->live)
		observe_each(live_observe(pipeline->live), each, to);
}
