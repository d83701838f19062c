/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pipeline_fan.h"

#include "clock.h"
#include "group.h"

struct fan {
	GPtrArray *exporters;  /* of struct exporter */
	struct groups *groups; /* that share a load among them */
	GArray *sinks;	       /* of struct sink: theirs, and others */
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
	g_array_append_vals(fan->sinks, sink, 1);
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
		fan_add(fan, &sink);
}

bool
fan_add_collectors(struct fan *fan, const struct config *config,
		   const char *const *template_dirs,
		   const struct exporter_sources *sources, bool patient,
		   GError **error)
{
	for (guint i = 0; i < config->collectors->len; i++) {
		struct exporter *exporter = exporter_new(
			config->collectors->pdata[i], config->domain,
			template_dirs, patient, error);

		if (!exporter)
			return false;
		g_ptr_array_add(fan->exporters, exporter);
		exporter_tell(exporter, sources);
		add_branch(fan, exporter);
	}
	return true;
}

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

struct fan *
fan_new(void)
{
	struct fan *fan = g_new0(struct fan, 1);

	fan->groups = groups_new(clock_boot_ns);
	fan->sinks = g_array_new(FALSE, FALSE, sizeof(struct sink));
	fan->exporters =
		g_ptr_array_new_with_free_func((GDestroyNotify)exporter_free);
	return fan;
}

void
fan_free(struct fan *fan)
{
	if (!fan)
		return;
	g_array_unref(fan->sinks);
	groups_free(fan->groups);
	g_ptr_array_unref(fan->exporters);
	g_free(fan);
}
