/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline_stages.h"

#include "clock.h"

static bool
is_pressed(void *to)
{
	const struct pipeline *pipeline = to;

	return fan_any(pipeline->fan, exporter_pressed);
}

static const struct stats *
stats_now(void *to)
{
	return pipeline_stats(to);
}

struct live_settings
stages_live(const struct pipeline *pipeline, const struct config *config)
{
	return (struct live_settings){
		.observe = {
			.include = (const char *const *)config->include,
			.exclude = (const char *const *)config->exclude,
			.required = pipeline->args.required,
			.what = {
				.ingress = config->directions !=
					   DIRECTIONS_EGRESS,
				.egress = config->directions !=
					  DIRECTIONS_INGRESS,
				.method = (enum probe_method)config->attach,
			},
		},
		.timeouts = { config->idle_timeout_ns,
			      config->active_timeout_ns, config->tcp_end_ns },
		.scan_interval_ns = config->scan_interval_ns,
	};
}

static bool
add_live(struct pipeline *pipeline, const struct sink *sink, GError **error)
{
	const struct config *config = pipeline->args.config;
	const struct live_args args = {
		.settings = stages_live(pipeline, config),
		.iftable = pipeline->iftable,
		.probe = {
			.max = config->flows_max,
			.precise = config->precise_times,
			.extremes = pipeline->extremes,
			.tcp_end = config->tcp_end_ns > 0,
			.sampling = config->sampling,
			.consistent = pipeline->consistent,
			.overflow = config->overflow,
		},
		.sink = *sink,
		.stats = &pipeline->stats,
		.busy = is_pressed,
		.done = pipeline_is_done,
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
		.extremes = pipeline->extremes,
		.timeouts = { config->idle_timeout_ns,
			      config->active_timeout_ns, config->tcp_end_ns },
		.scan_interval_ns = config->scan_interval_ns,
		.sink = *sink,
		.stats = &pipeline->stats,
		.busy = is_pressed,
		.done = pipeline_is_done,
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
		.now_ns = clock_boot_ns,
	};

	if (pipeline->args.files)
		return;
	pipeline->consistent = args.mode != DEDUPE_OFF;
	pipeline->dedupe = dedupe_new(&args);
	*sink = dedupe_sink(pipeline->dedupe);
	pipeline->points = points_new(pipeline->iftable, sink);
	*sink = points_sink(pipeline->points);
}

struct agent_args
stages_agent(const struct pipeline *pipeline, const struct config *config)
{
	return (struct agent_args){
		.agent_ip = config->agent_ip,
		.collectors = config->collectors,
		.iftable = pipeline->iftable,
		.meter = pipeline->meter,
	};
}

static bool
add_fan(struct pipeline *pipeline, GError **error)
{
	const struct fan_args args = {
		.template_dirs = pipeline_template_dirs(),
		.sources = {
			.meter = pipeline->meter,
			.iftable = pipeline->iftable,
			.stats = stats_now,
			.to = pipeline,
		},
		.patient = pipeline->args.files,
	};
	struct fan_change *change;

	pipeline->fan = fan_new(&args);
	change = fan_prepare(pipeline->fan, pipeline->args.config, error);
	if (!change)
		return false;
	fan_commit(pipeline->fan, change);
	pipeline->extremes = fan_any(pipeline->fan, exporter_wants_extremes);
	return true;
}

bool
stages_build(struct pipeline *pipeline, GError **error)
{
	struct sink sink;

	if (!add_fan(pipeline, error))
		return false;
	if (pipeline->args.print) {
		sink = print_sink(pipeline->args.print);
		fan_add(pipeline->fan, &sink);
	}
	sink = fan_sink(pipeline->fan);
	pipeline->decorate =
		decorate_new(pipeline->iftable, pipeline->meter, &sink);
	sink = decorate_sink(pipeline->decorate);
	add_points(pipeline, &sink);
	return pipeline->args.files ? add_replay(pipeline, &sink)
				    : add_live(pipeline, &sink, error);
}

void
stages_timeouts(struct pipeline *pipeline, const struct config *config)
{
	pipeline->meter->active_s = config->active_timeout_ns / CLOCK_SECOND_NS;
	pipeline->meter->idle_s = config->idle_timeout_ns / CLOCK_SECOND_NS;
}
