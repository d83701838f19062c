/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline.h"

#include "loop.h"
#include "pipeline_stages.h"

enum {
	DRAIN_MS = 5,
	MAX_STOP_MS = 4000, /* of the five seconds that a stop may take */
};

/* Once we are told to stop, there is an end to all waiting. */
static bool
may_drain(const struct pipeline *pipeline)
{
	int64_t end_us = pipeline->stop_us + MAX_STOP_MS * 1000;

	return (fan_any(pipeline->fan, exporter_busy) ||
		fan_is_changing(pipeline->fan)) &&
	       (!pipeline->stop_us || g_get_monotonic_time() < end_us);
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

void
pipeline_is_done(void *to)
{
	struct pipeline *pipeline = to;

	end_walk(pipeline);
	if (!pipeline->drain_timer)
		pipeline->drain_timer =
			g_timeout_add(DRAIN_MS, on_drain_timer, pipeline);
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
	struct agent_args agent;
	struct meter meter;

	pipeline->args = *args;
	pipeline->stats.flows_max = args->config->flows_max;
	loop_watch();
	pipeline->iftable = iftable_new();
	/* Of a capture, each packet is taken. */
	meter = meter_make(args->config->domain,
			   args->files ? 1 : args->config->sampling);
	pipeline->meter = g_memdup2(&meter, sizeof(meter));
	stages_timeouts(pipeline, args->config);
	if (!stages_build(pipeline, error)) {
		pipeline_free(pipeline);
		return NULL;
	}
	/* Once the interfaces are known. */
	agent = stages_agent(pipeline, args->config);
	pipeline->agent = agent_new(&agent);
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
	g_free(pipeline->meter);
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
	fan_give_up(pipeline->fan);
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
		observe_each(live_look(pipeline->live).observe, each, to);
}

struct live *
pipeline_live(struct pipeline *pipeline)
{
	return pipeline->live;
}
