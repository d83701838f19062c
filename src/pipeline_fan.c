/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline_fan.h"

#include <string.h>

#include "clock.h"
#include "group.h"
#include "log.h"
#include "pipeline_retired.h"

struct fan {
	struct fan_args args;
	uint32_t domain;
	GPtrArray *exporters;  /* of struct exporter */
	struct groups *groups; /* that share a load among them */
	GArray *sinks;	       /* of struct sink: others', then theirs */
	guint n_others;
	bool begun; /* what comes and goes now is said */
	struct retired *retired;
};

struct fan_change {
	struct fan *fan;
	uint32_t domain;
	GPtrArray *exporters; /* all, in order */
	GPtrArray *fresh;     /* those of them that are new, and still ours */
};

static void
push(void *to, struct record *record)
{
	const struct fan *fan = to;

	for (guint i = 0; i < fan->sinks->len; i++)
		sink_push(&g_array_index(fan->sinks, struct sink, i), record);
}

static void
flush(void *to)
{
	const struct fan *fan = to;

	for (guint i = 0; i < fan->sinks->len; i++)
		sink_flush(&g_array_index(fan->sinks, struct sink, i));
}

struct sink
fan_sink(struct fan *fan)
{
	return (struct sink){ push, flush, fan };
}

void
fan_add(struct fan *fan, const struct sink *sink)
{
	g_array_insert_vals(fan->sinks, fan->n_others++, sink, 1);
}

static bool
is_healthy(void *to)
{
	return exporter_healthy(to);
}

static void
add_branch(struct fan *fan, struct exporter *exporter)
{
	const struct group_member member = {
		.sink = exporter_sink(exporter),
		.healthy = is_healthy,
		.to = exporter,
	};
	struct sink sink;

	if (groups_join(fan->groups, exporter_collector(exporter), &member,
			&sink))
		g_array_append_val(fan->sinks, sink);
}

/* --- what stays, and what does not ------------------------------------------
 */

/* The exporter, and our hold on its collector. */
static void
end(void *data)
{
	struct exporter *exporter = data;
	const struct collector *collector = exporter_collector(exporter);

	exporter_free(exporter);
	collector_unref((struct collector *)collector);
}

static struct exporter *
find(const GPtrArray *exporters, const char *name)
{
	for (guint i = 0; i < exporters->len; i++) {
		struct exporter *exporter = exporters->pdata[i];

		if (strcmp(exporter_collector(exporter)->name, name) == 0)
			return exporter;
	}
	return NULL;
}

/* The exporter that COLLECTOR has already; NULL: it takes another. */
static struct exporter *
find_same(const struct fan_change *change, const struct collector *collector)
{
	const struct fan *fan = change->fan;
	struct exporter *exporter = find(fan->exporters, collector->name);

	return exporter && change->domain == fan->domain &&
			       collector_same(exporter_collector(exporter),
					      collector) &&
			       exporter_is_current(exporter,
						   fan->args.template_dirs)
		       ? exporter
		       : NULL;
}

static bool
add_fresh(struct fan_change *change, struct collector *collector,
	  GError **error)
{
	const struct fan *fan = change->fan;
	struct exporter *exporter;

	collector->goes_on = fan->begun;
	exporter =
		exporter_new(collector, change->domain, fan->args.template_dirs,
			     fan->args.patient, error);
	if (!exporter)
		return false;
	collector_ref(collector);
	g_ptr_array_add(change->fresh, exporter);
	g_ptr_array_add(change->exporters, exporter);
	return true;
}

struct fan_change *
fan_prepare(struct fan *fan, const struct config *config, GError **error)
{
	struct fan_change *change = g_new0(struct fan_change, 1);
	g_autoptr(GString) wrong = g_string_new(NULL);

	change->fan = fan;
	change->domain = config->domain;
	change->exporters = g_ptr_array_new();
	change->fresh = g_ptr_array_new_with_free_func(end);
	for (guint i = 0; i < config->collectors->len; i++) {
		struct collector *collector = config->collectors->pdata[i];
		struct exporter *same = find_same(change, collector);
		g_autoptr(GError) one = NULL;

		if (same)
			g_ptr_array_add(change->exporters, same);
		else if (!add_fresh(change, collector, &one))
			g_string_append_printf(wrong, "%s%s",
					       wrong->len ? "\n" : "",
					       one->message);
	}
	if (!wrong->len)
		return change;
	g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
			    wrong->str);
	fan_change_free(change);
	return NULL;
}

void
fan_change_free(struct fan_change *change)
{
	g_ptr_array_unref(change->exporters);
	g_ptr_array_unref(change->fresh);
	g_free(change);
}

/* Those of the fan that CHANGE does not have. */
static void
retire(struct fan *fan, const struct fan_change *change)
{
	for (guint i = 0; i < fan->exporters->len; i++) {
		struct exporter *exporter = fan->exporters->pdata[i];
		const char *name = exporter_collector(exporter)->name;

		if (g_ptr_array_find(change->exporters, exporter, NULL))
			continue;
		log_info("collector %s: %s", name,
			 find(change->fresh, name) ? "changed" : "removed");
		retired_add(fan->retired, exporter);
	}
}

static void
welcome(struct fan *fan, const struct fan_change *change)
{
	for (guint i = 0; i < change->fresh->len; i++) {
		struct exporter *exporter = change->fresh->pdata[i];
		const char *name = exporter_collector(exporter)->name;

		if (fan->begun && !find(fan->exporters, name))
			log_info("collector %s: added", name);
		exporter_tell(exporter, &fan->args.sources);
	}
}

static void
branch(struct fan *fan)
{
	struct groups *before = fan->groups;

	fan->groups = groups_new(clock_boot_ns);
	g_array_set_size(fan->sinks, fan->n_others);
	for (guint i = 0; i < fan->exporters->len; i++)
		add_branch(fan, fan->exporters->pdata[i]);
	groups_inherit(fan->groups, before);
	groups_free(before);
}

void
fan_commit(struct fan *fan, struct fan_change *change)
{
	GPtrArray *before = fan->exporters;

	retire(fan, change);
	welcome(fan, change);
	fan->domain = change->domain;
	fan->begun = true;
	fan->exporters = g_ptr_array_ref(change->exporters);
	branch(fan);
	g_ptr_array_set_free_func(change->fresh, NULL);
	fan_change_free(change);
	g_ptr_array_unref(before);
}

/* --- all of them -------------------------------------------------------------
 */

bool
fan_any(const struct fan *fan, bool (*is)(struct exporter *exporter))
{
	for (guint i = 0; i < fan->exporters->len; i++)
		if (is(fan->exporters->pdata[i]))
			return true;
	return false;
}

void
fan_each(const struct fan *fan,
	 void (*each)(struct exporter *exporter, void *to), void *to)
{
	for (guint i = 0; i < fan->exporters->len; i++)
		each(fan->exporters->pdata[i], to);
}

void
fan_look(const struct fan *fan,
	 void (*each)(const struct exporter_state *state, void *to), void *to)
{
	struct exporter_state state;

	for (guint i = 0; i < fan->exporters->len; i++) {
		exporter_look(fan->exporters->pdata[i], &state);
		each(&state, to);
	}
}

bool
fan_is_changing(const struct fan *fan)
{
	return !retired_is_empty(fan->retired);
}

void
fan_set_meter(struct fan *fan, const struct meter *meter)
{
	retired_add_meter(fan->retired,
			  (struct meter *)fan->args.sources.meter);
	fan->args.sources.meter = meter;
}

static void
give_up(struct exporter *exporter, void *to)
{
	(void)to;
	exporter_give_up(exporter);
}

void
fan_give_up(struct fan *fan)
{
	fan_each(fan, give_up, NULL);
	retired_give_up(fan->retired);
}

struct fan *
fan_new(const struct fan_args *args)
{
	struct fan *fan = g_new0(struct fan, 1);

	fan->args = *args;
	fan->groups = groups_new(clock_boot_ns);
	fan->sinks = g_array_new(FALSE, FALSE, sizeof(struct sink));
	fan->exporters = g_ptr_array_new();
	fan->retired = retired_new(end);
	return fan;
}

void
fan_free(struct fan *fan)
{
	if (!fan)
		return;
	g_ptr_array_foreach(fan->exporters, (GFunc)(void (*)(void))end, NULL);
	g_ptr_array_unref(fan->exporters);
	retired_free(fan->retired);
	g_array_unref(fan->sinks);
	groups_free(fan->groups);
	g_free(fan);
}
