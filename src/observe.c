/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe.h"

#include <fnmatch.h>

#include "log.h"

struct progress {
	const struct observe *what;
	struct probe *probe;
	GPtrArray *names; /* of every interface there is */
	guint n_attached;
	GError *last_error;
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
	GError *error = NULL;

	g_ptr_array_add(progress->names, iface->name);
	if (!matches(what->include, iface->name) ||
	    matches(what->exclude, iface->name))
		return;
	if (probe_attach(progress->probe, iface, what->ingress, what->egress,
			 what->method, &error)) {
		progress->n_attached++;
		return;
	}
	log_warning("%s", error->message);
	g_clear_error(&progress->last_error);
	progress->last_error = error;
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
		log_info("observing %u interfaces (%s)", progress->n_attached,
			 probe_method_name(progress->probe));
		return true;
	}
	if (progress->last_error)
		g_propagate_error(error,
				  g_steal_pointer(&progress->last_error));
	else
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
			    "no interface to observe: none matches "
			    "interfaces.include and not interfaces.exclude");
	return false;
}

bool
observe_all(const struct observe *what, const struct iftable *table,
	    struct probe *probe, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	struct progress progress = {
		.what = what,
		.probe = probe,
		.names = names,
	};
	bool good;

	iftable_each(table, consider, &progress);
	good = conclude(&progress, error);
	g_clear_error(&progress.last_error);
	return good;
}
