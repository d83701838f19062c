/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline.h"

#include "decorate.h"
#include "expire.h"
#include "exporter.h"
#include "ifwatch.h"
#include "observe.h"
#include "probe.h"

enum { DRAIN_MS = 5 };

struct pipeline {
	const struct config *config;
	struct iftable *iftable;
	struct probe *probe;
	struct expire *expire;
	struct decorate *decorate;
	GPtrArray *exporters; /* of struct exporter */
	GArray *sinks;	      /* of struct sink: theirs, and print's */
	struct stats stats;

	guint scan_timer;
	guint drain_timer;
	guint step_source;	/* 0: the stage rests, or waits */
	bool waiting;		/* for a grace period */
	void (*done)(void *to); /* set: we are stopping */
	void *done_to;
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

static void schedule(struct pipeline *pipeline);

static void
on_grace_over(void *to)
{
	struct pipeline *pipeline = to;

	pipeline->waiting = false;
	expire_grace_over(pipeline->expire);
	schedule(pipeline);
}

static bool
is_busy(const struct pipeline *pipeline)
{
	for (guint i = 0; i < pipeline->exporters->len; i++)
		if (exporter_busy(pipeline->exporters->pdata[i]))
			return true;
	return false;
}

/* All is in the exporters' hands: wait until it is in the kernel's. */
static gboolean
on_drained(void *to)
{
	struct pipeline *pipeline = to;

	if (is_busy(pipeline))
		return G_SOURCE_CONTINUE;
	pipeline->done(pipeline->done_to);
	pipeline->drain_timer = 0;
	return G_SOURCE_REMOVE;
}

static gboolean
on_step(void *to)
{
	struct pipeline *pipeline = to;
	struct instant now = probe_now(pipeline->probe);

	switch (expire_step(pipeline->expire, &now)) {
	case EXPIRE_SCANNING:
	case EXPIRE_HARVESTING:
		return G_SOURCE_CONTINUE;
	case EXPIRE_WAITING:
		pipeline->waiting = true;
		probe_grace_begin(pipeline->probe, on_grace_over, pipeline);
		break;
	case EXPIRE_RESTING:
		if (pipeline->done)
			pipeline->drain_timer =
				g_timeout_add(DRAIN_MS, on_drained, pipeline);
		break;
	}
	pipeline->step_source = 0;
	return G_SOURCE_REMOVE;
}

static void
schedule(struct pipeline *pipeline)
{
	if (!pipeline->step_source && !pipeline->waiting)
		pipeline->step_source = g_idle_add(on_step, pipeline);
}

static void
scan(struct pipeline *pipeline, enum expire_scan how)
{
	expire_begin(pipeline->expire, how);
	schedule(pipeline);
}

static gboolean
on_scan_timer(void *to)
{
	scan(to, EXPIRE_DUE);
	return G_SOURCE_CONTINUE;
}

static bool
add_exporters(struct pipeline *pipeline, GError **error)
{
	const struct config *config = pipeline->config;

	for (guint i = 0; i < config->collectors->len; i++) {
		struct exporter *exporter = exporter_new(
			config->collectors->pdata[i], config->domain,
			pipeline_template_dirs(), error);
		struct sink sink;

		if (!exporter)
			return false;
		g_ptr_array_add(pipeline->exporters, exporter);
		sink = exporter_sink(exporter);
		g_array_append_val(pipeline->sinks, sink);
	}
	return true;
}

/* The walk, its last stage first. */
static bool
build(struct pipeline *pipeline, GError **error)
{
	const struct config *config = pipeline->config;
	const struct expire_timeouts timeouts = {
		.idle_ns = config->idle_timeout_ns,
		.active_ns = config->active_timeout_ns,
	};
	struct sink sink = { fan_push, fan_flush, pipeline->sinks };

	if (!add_exporters(pipeline, error) ||
	    !ifwatch_dump(pipeline->iftable, error))
		return false;
	pipeline->decorate = decorate_new(pipeline->iftable, &sink);
	pipeline->probe =
		probe_new(config->flows_max, config->precise_times, error);
	if (!pipeline->probe)
		return false;
	sink = decorate_sink(pipeline->decorate);
	pipeline->expire = expire_new(probe_table(pipeline->probe), &timeouts,
				      &sink, &pipeline->stats);
	return true;
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

static bool
observe(struct pipeline *pipeline, const char *const *required, GError **error)
{
	const struct config *config = pipeline->config;
	const struct observe what = {
		.include = (const char *const *)config->include,
		.exclude = (const char *const *)config->exclude,
		.required = required,
		.ingress = config->directions != DIRECTIONS_EGRESS,
		.egress = config->directions != DIRECTIONS_INGRESS,
		.method = (enum probe_method)config->attach,
	};

	return observe_all(&what, pipeline->iftable, pipeline->probe, error);
}

struct pipeline *
pipeline_new(const struct config *config, struct print *print,
	     const char *const *required, GError **error)
{
	struct pipeline *pipeline = g_new0(struct pipeline, 1);

	pipeline->config = config;
	pipeline->iftable = iftable_new();
	pipeline->sinks = g_array_new(FALSE, FALSE, sizeof(struct sink));
	pipeline->exporters =
		g_ptr_array_new_with_free_func((GDestroyNotify)exporter_free);
	if (print) {
		struct sink sink = print_sink(print);

		g_array_append_val(pipeline->sinks, sink);
	}
	if (!build(pipeline, error) || !observe(pipeline, required, error)) {
		pipeline_free(pipeline);
		return NULL;
	}
	pipeline->scan_timer =
		g_timeout_add(MAX(1, config->scan_interval_ns / 1000000),
			      on_scan_timer, pipeline);
	return pipeline;
}

void
pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	/* A grace period that is under way would call back into us. */
	while (pipeline->waiting)
		g_main_context_iteration(NULL, TRUE);
	g_clear_handle_id(&pipeline->scan_timer, g_source_remove);
	g_clear_handle_id(&pipeline->drain_timer, g_source_remove);
	g_clear_handle_id(&pipeline->step_source, g_source_remove);
	expire_free(pipeline->expire);
	probe_free(pipeline->probe);
	decorate_free(pipeline->decorate);
	g_array_unref(pipeline->sinks);
	g_ptr_array_unref(pipeline->exporters);
	iftable_free(pipeline->iftable);
	g_free(pipeline);
}

void
pipeline_report(struct pipeline *pipeline)
{
	scan(pipeline, EXPIRE_REPORT);
}

void
pipeline_stop(struct pipeline *pipeline, void (*done)(void *to), void *to)
{
	if (pipeline->done)
		return;
	pipeline->done = done;
	pipeline->done_to = to;
	g_clear_handle_id(&pipeline->scan_timer, g_source_remove);
	probe_detach_all(pipeline->probe);
	/* A program that still runs may begin a flow behind the scan's back. */
	probe_grace(pipeline->probe);
	scan(pipeline, EXPIRE_DRAIN);
}

const struct stats *
pipeline_stats(struct pipeline *pipeline)
{
	probe_counters(pipeline->probe, &pipeline->stats.kernel);
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
