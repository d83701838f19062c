/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe_found.h"

#include <gio/gio.h>

#include "observe_globs.h"

struct found {
	const struct observe_args *args;
	GPtrArray *names;    /* of every interface */
	GPtrArray *selected; /* struct iface */
};

bool
found_is_selected(const struct observe_args *args, const struct iface *iface)
{
	return globs_match(args->include, iface->name) &&
	       !globs_match(args->exclude, iface->name);
}

static void
note(struct iface *iface, void *to)
{
	struct found *found = to;

	g_ptr_array_add(found->names, iface->name);
	if (found_is_selected(found->args, iface))
		g_ptr_array_add(found->selected, iface);
}

/* What is up has packets to lose. */
static int
compare_urgency(const void *a, const void *b)
{
	const struct iface *x = *(struct iface *const *)a;
	const struct iface *y = *(struct iface *const *)b;

	if (x->up != y->up)
		return y->up - x->up;
	return (x->index > y->index) - (x->index < y->index);
}

GPtrArray *
found_all(const struct observe_args *args, const struct iftable *table,
	  GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(GPtrArray) selected = g_ptr_array_new();
	struct found found = { args, names, selected };
	const char *idle;

	iftable_each(table, note, &found);
	idle = globs_find_idle(args->required, names);
	if (idle) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
			    "no such interface: %s", idle);
		return NULL;
	}
	g_ptr_array_sort(selected, compare_urgency);
	return g_steal_pointer(&selected);
}
