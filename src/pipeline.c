/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline.h"

#include "decorate.h"
#include "dedupe.h"
#include "exporter.h"
#include "group.h"
#include "live.h"
#include "loop.h"
#include "replay.h"

enum {
	DRAIN_MS = 5,
	MAX_DRAIN_MS = 3000, /* of the five seconds that a stop may take */
};

struct pipeline {
	struct pipeline_args args;
	struct iftable *iftable;
	struct live *live;     /* either this ... */
	struct replay *replay; /* ... or that */
	struct dedupe *dedupe; /* NULL: not needed */
	struct decorate *decorate;
	GPtrArray *exporters;  /* of struct exporter */
	struct groups *groups; /* that share a load among them */
	GArray *sinks;	       /* of struct sink: theirs, and print's */
	struct stats stats;
	bool stopping;
	guint drain_timer;
	guint drained_ms; /* since all was pushed */
};

/* The last stage forks: to every exporter, and to standard output. */
static void
fan_push(void *to, struct record *record)
{
	const GArray *sinks = to;

	for (guint i = 0; i < sinks->len; i++)
		sink_push(&g_array_index(sinks, struct sink, i), record);
}

static void
fan_flush(void *to)
{
	const GArray *sinks = to;

	for (guint i = 0; i < sinks->len; i++)
		sink_flush(&g_array_index(sinks, struct sink, i));
}

static bool
any_exporter(const struct pipeline *pipeline,
	     bool (*is)(struct exporter *exporter))
{
	for (guint i = 0; i < pipeline->exporters->len; i++)
		if (is(pipeline->exporters->pdata[i]))
			return true;
	return false;
}

static bool
is_pressed(void *to)
{
	return any_exporter(to, exporter_pressed);
}

/* Once we are told to stop, there is an end to all waiting. */
static bool
may_drain(const struct pipeline *pipeline)
{
	return any_exporter(pipeline, exporter_busy) &&
	       (!pipeline->stopping || pipeline->drained_ms < MAX_DRAIN_MS);
}

static gboolean
on_drain_timer(void *to)
{
	struct pipeline *pipeline = to;

	pipeline->drained_ms += DRAIN_MS;
	if (may_drain(pipeline))
		return G_SOURCE_CONTINUE;
	pipeline->drain_timer = 0;
	for (guint i = 0; i < pipeline->exporters->len; i++)
		exporter_give_up(pipeline->exporters->pdata[i]);
	pipeline->args.done(pipeline->args.to);
	return G_SOURCE_REMOVE;
}

/* All is in the exporters' hands: wait until it is in the kernel's. */
static void
on_done(void *to)
{
	struct pipeline *pipeline = to;

	if (!pipeline->drain_timer)
		pipeline->drain_timer =
			g_timeout_add(DRAIN_MS, on_drain_timer, pipeline);
}

static bool
is_healthy(void *to)
{
	return exporter_healthy(to);
}

static void
add_branch(struct pipeline *pipeline, struct exporter *exporter)
{
	const struct group_member member = {
		.sink = exporter_sink(exporter),
		.healthy = is_healthy,
		.to = exporter,
	};
	struct sink sink;

	if (groups_join(pipeline->groups, exporter_collector(exporter), &member,
			&sink))
		g_array_append_val(pipeline->sinks, sink);
}

static bool
add_exporters(struct pipeline *pipeline, GError **error)
{
	const struct config *config = pipeline->args.config;

	for (guint i = 0; i < config->collectors->len; i++) {
		struct exporter *exporter =
			exporter_new(config->collectors->pdata[i],
				     config->domain, pipeline_template_dirs(),
				     pipeline->args.files != NULL, error);

		if (!exporter)
			return false;
		g_ptr_array_add(pipeline->exporters, exporter);
		add_branch(pipeline, exporter);
	}
	return true;
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
			.tcp_end = config->tcp_end_ns > 0,
			.sampling = config->sampling,
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
add_dedupe(struct pipeline *pipeline, struct sink *sink)
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

	if (args.mode == DEDUPE_OFF || pipeline->args.files)
		return;
	pipeline->dedupe = dedupe_new(&args);
	*sink = dedupe_sink(pipeline->dedupe);
}

/* The walk, its last stage first. */
static bool
build(struct pipeline *pipeline, GError **error)
{
	struct sink sink = { fan_push, fan_flush, pipeline->sinks };

	if (pipeline->args.print) {
		struct sink print = print_sink(pipeline->args.print);

		g_array_append_val(pipeline->sinks, print);
	}
	if (!add_exporters(pipeline, error))
		return false;
	pipeline->decorate = decorate_new(pipeline->iftable, &sink);
	sink = decorate_sink(pipeline->decorate);
	add_dedupe(pipeline, &sink);
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
	pipeline->groups = groups_new(clock_boot_ns);
	pipeline->sinks = g_array_new(FALSE, FALSE, sizeof(struct sink));
	pipeline->exporters =
		g_ptr_array_new_with_free_func((GDestroyNotify)exporter_free);
	if (!build(pipeline, error)) {
		pipeline_free(pipeline);
		return NULL;
	}
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
	dedupe_free(pipeline->dedupe);
	decorate_free(pipeline->decorate);
	g_array_unref(pipeline->sinks);
	groups_free(pipeline->groups);
	g_ptr_array_unref(pipeline->exporters);
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
	pipeline->stopping = true;
	if (pipeline->live)
		live_stop(pipeline->live);
	else
		replay_stop(pipeline->replay);
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
	pipeline->stats.loop_hold = loop_hold_us();
	stats_settle(&pipeline->stats);
	return &pipeline->stats;
}

void
pipeline_each_collector(const struct pipeline *pipeline,
			void (*each)(const struct collector *collector,
				     const struct transport_stats *stats,
				     void *to),
			void *to)
{
	for (guint i = 0; i < pipeline->exporters->len; i++) {
		const struct exporter *exporter = pipeline->exporters->pdata[i];

		each(exporter_collector(exporter), exporter_stats(exporter),
		     to);
	}
}
