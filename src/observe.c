/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe.h"

#include <fnmatch.h>

#include "log.h"

struct progress {
	const struct observe *what;
	struct probe *probe;
	GPtrArray *names; /* of every interface there is */
	guint n_attached;
	GString *complaints; /* a line each */
};

static bool
matches(const char *const *globs, const char *name)
{
	for (; globs && *globs; globs++)
		if (fnmatch(*globs, name, 0) == 0)
			return true;
	return false;
}

static void
consider(struct iface *iface, void *to)
{
	struct progress *progress = to;
	const struct observe *what = progress->what;
	g_autoptr(GError) error = NULL;

	g_ptr_array_add(progress->names, iface->name);
	if (!matches(what->include, iface->name) ||
	    matches(what->exclude, iface->name))
		return;
	if (probe_attach(progress->probe, iface, what->ingress, what->egress,
			 what->method, &error)) {
		progress->n_attached++;
		return;
	}
	g_string_append_printf(progress->complaints, "%s%s",
			       progress->complaints->len ? "\n" : "",
			       error->message);
}

/* The first glob that names none of the interfaces, or NULL. */
static const char *
find_idle(const char *const *globs, const GPtrArray *names)
{
	for (; globs && *globs; globs++) {
		const char *const one[] = { *globs, NULL };
		bool used = false;

		for (guint i = 0; i < names->len && !used; i++)
			used = matches(one, names->pdata[i]);
		if (!used)
			return *globs;
	}
	return NULL;
}

static void
warn(const char *complaints)
{
	g_auto(GStrv) lines = g_strsplit(complaints, "\n", -1);

	for (char **line = lines; *line; line++)
		log_warning("%s", *line);
}

static bool
conclude(struct progress *progress, GError **error)
{
	const char *idle = find_idle(progress->what->required, progress->names);

	if (idle) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
			    "no such interface: %s", idle);
		return false;
	}
	if (progress->n_attached) {
		warn(progress->complaints->str);
		log_info("observing %u interfaces (%s)", progress->n_attached,
			 probe_method_name(progress->probe));
		return true;
	}
	g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
			    progress->complaints->len
				    ? progress->complaints->str
				    : "no interface to observe: none matches "
				      "interfaces.include and not "
				      "interfaces.exclude");
	return false;
}

bool
observe_all(const struct observe *what, const struct iftable *table,
	    struct probe *probe, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(GString) complaints = g_string_new(NULL);
	struct progress progress = {
		.what = what,
		.probe = probe,
		.names = names,
		.complaints = complaints,
	};

	iftable_each(table, consider, &progress);
	return conclude(&progress, error);
}
