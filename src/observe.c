/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe.h"

#include <gio/gio.h>

#include "log.h"
#include "observe_found.h"
#include "observe_seen.h"

#define RETRY_S 5

struct observe {
	struct observe_args args;
	const struct iftable *iftable;
	struct hooks *hooks;
	GHashTable *seen; /* see observe_seen.h */
	guint n_starting; /* of those found at start: asked only */
	bool tcx, tc;	  /* how some are attached */
	guint retry;	  /* timer: some that failed are worth it */
};

/* Whether IFACE, a copy of some time ago, still is what has its index. */
static bool
is_there(const struct observe *observe, const struct iface *iface)
{
	const struct iface *row = iftable_find(observe->iftable, iface->index);

	return row && !row->gone && row->born_ns == iface->born_ns;
}

static void
say_how_many(const struct observe *observe)
{
	log_info("observing %u interfaces (%s)",
		 seen_count(observe->seen, SEEN_ATTACHED),
		 observe->tcx && observe->tc ? "tcx and tc"
		 : observe->tcx		     ? "tcx"
		 : observe->tc		     ? "tc"
					     : "none");
}

static void
say_if_none(const struct observe *observe)
{
	if (g_hash_table_size(observe->seen) == 0)
		log_warning("no interface to observe yet: none matches "
			    "interfaces.include and not interfaces.exclude");
}

static void
note_attached(struct observe *observe, const struct iface *iface,
	      const char *how)
{
	seen_set(observe->seen, iface, SEEN_ATTACHED, how, NULL);
	if (strcmp(how, "tcx") == 0)
		observe->tcx = true;
	else
		observe->tc = true;
}

static void
try_again(struct iface *iface, void *to)
{
	struct observe *observe = to;
	const struct seen *seen = seen_find(observe->seen, iface);

	if (seen && seen->state == SEEN_FAILED && seen->may_pass)
		hooks_attach_begin(observe->hooks, iface);
}

static gboolean
on_retry(void *to)
{
	struct observe *observe = to;

	if (observe->n_starting)
		return G_SOURCE_CONTINUE;
	observe->retry = 0;
	iftable_each(observe->iftable, try_again, observe);
	return G_SOURCE_REMOVE;
}

static void
set_failed(struct observe *observe, const struct iface *iface,
	   const GError *error)
{
	seen_set(observe->seen, iface, SEEN_FAILED, NULL, error);
	if (!observe->retry && seen_find(observe->seen, iface)->may_pass)
		observe->retry =
			g_timeout_add_seconds(RETRY_S, on_retry, observe);
}

/* That it went away meanwhile, we are told soon. */
static void
note_failed(struct observe *observe, const struct iface *iface,
	    const GError *error)
{
	bool told = seen_state(observe->seen, iface) == SEEN_FAILED;

	set_failed(observe, iface, error);
	if (!told &&
	    !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NO_SUCH_DEVICE))
		log_warning("%s", error->message);
}

static void
on_attached(void *to, const struct iface *iface, const char *how,
	    const GError *error)
{
	struct observe *observe = to;
	enum seen_state before = SEEN_NOT; /* gone, or not any longer */

	if (is_there(observe, iface))
		before = seen_state(observe->seen, iface);
	if (before && how)
		note_attached(observe, iface, how);
	else if (before)
		note_failed(observe, iface, error);
	if (observe->n_starting && --observe->n_starting == 0)
		say_how_many(observe);
	else if (!observe->n_starting && before && before != SEEN_ATTACHED &&
		 how)
		log_info("interface %s: observed (%s)", iface->name, how);
}

static void
ask(struct observe *observe, const struct iface *iface)
{
	seen_set(observe->seen, iface, SEEN_ASKED, NULL, NULL);
	hooks_attach_begin(observe->hooks, iface);
}

static void
leave(struct observe *observe, const struct iface *iface)
{
	if (seen_state(observe->seen, iface) == SEEN_ATTACHED)
		log_info("interface %s: not observed any longer", iface->name);
	seen_forget(observe->seen, iface);
	hooks_detach_begin(observe->hooks, iface);
}

static void
make_sure(struct iface *iface, void *to)
{
	struct observe *observe = to;

	if (seen_state(observe->seen, iface) == SEEN_ATTACHED)
		hooks_attach_begin(observe->hooks, iface);
}

void
observe_told(void *to, enum ifwatch_event event, const struct iface *iface)
{
	struct observe *observe = to;
	bool has, wants;

	if (event == IFWATCH_LOST) {
		iftable_each(observe->iftable, make_sure, observe);
		return;
	}
	if (event == IFWATCH_BARED) {
		hooks_check_begin(observe->hooks, iface);
		return;
	}
	has = seen_state(observe->seen, iface) != SEEN_NOT;
	wants = event == IFWATCH_SEEN &&
		found_is_selected(&observe->args, iface);
	if (wants && !has)
		ask(observe, iface);
	else if (has && !wants)
		leave(observe, iface);
}

/* One that is only asked for may be attached to as it was selected then. */
static void
look_again(struct iface *iface, void *to)
{
	struct observe *observe = to;
	bool had = seen_state(observe->seen, iface) != SEEN_NOT;

	observe_told(observe, IFWATCH_SEEN, iface);
	if (!had || seen_state(observe->seen, iface) == SEEN_NOT)
		return;
	if (seen_state(observe->seen, iface) == SEEN_FAILED)
		ask(observe, iface);
	else
		hooks_attach_begin(observe->hooks, iface);
}

void
observe_set(struct observe *observe, const struct observe_args *args)
{
	observe->args = *args;
	hooks_set(observe->hooks, &args->what);
	iftable_each(observe->iftable, look_again, observe);
	say_if_none(observe);
}

static void
warn(const char *complaints)
{
	g_auto(GStrv) lines = g_strsplit(complaints, "\n", -1);

	for (char **line = lines; *line; line++)
		log_warning("%s", *line);
}

/* One is attached before we go on: what is wrong with all shows there. */
static bool
attach_first(struct observe *observe, const GPtrArray *ifaces, GError **error)
{
	g_autoptr(GString) complaints = g_string_new(NULL);
	const char *how = NULL;
	guint i;

	for (i = 0; i < ifaces->len && !how; i++) {
		g_autoptr(GError) one = NULL;

		how = hooks_attach(observe->hooks, ifaces->pdata[i], &one);
		if (how) {
			note_attached(observe, ifaces->pdata[i], how);
			continue;
		}
		set_failed(observe, ifaces->pdata[i], one);
		g_string_append_printf(complaints, "%s%s",
				       complaints->len ? "\n" : "",
				       one->message);
	}
	if (ifaces->len && !how) {
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NODEV,
				    complaints->str);
		return false;
	}
	warn(complaints->str);
	observe->n_starting = ifaces->len - i;
	for (; i < ifaces->len; i++)
		ask(observe, ifaces->pdata[i]);
	return true;
}

static bool
start(struct observe *observe, GError **error)
{
	g_autoptr(GPtrArray) found =
		found_all(&observe->args, observe->iftable, error);

	if (!found || !attach_first(observe, found, error))
		return false;
	say_if_none(observe);
	if (!observe->n_starting)
		say_how_many(observe);
	return true;
}

struct observe *
observe_new(const struct observe_args *args, const struct iftable *table,
	    const struct probe *probe, GError **error)
{
	struct observe *observe = g_new0(struct observe, 1);
	const struct hooks_args hooks_args = {
		.what = args->what,
		.attached = on_attached,
		.to = observe,
	};

	observe->args = *args;
	observe->iftable = table;
	observe->seen = seen_new();
	observe->hooks = hooks_new(probe, &hooks_args, error);
	if (observe->hooks && start(observe, error))
		return observe;
	observe_free(observe);
	return NULL;
}

void
observe_free(struct observe *observe)
{
	if (!observe)
		return;
	g_clear_handle_id(&observe->retry, g_source_remove);
	hooks_free(observe->hooks);
	g_hash_table_unref(observe->seen);
	g_free(observe);
}

struct each_state {
	const struct observe *observe;
	void (*each)(const struct observe_state *state, void *to);
	void *to;
};

static void
tell_state(struct iface *iface, void *to)
{
	const struct each_state *each = to;
	const struct seen *seen = seen_find(each->observe->seen, iface);
	const struct observe_state state = {
		.iface = iface,
		.selected = seen,
		.how = seen ? seen->how : NULL,
		.error = seen ? seen->error : NULL,
		.ingress = each->observe->args.what.ingress,
		.egress = each->observe->args.what.egress,
	};

	each->each(&state, each->to);
}

void
observe_each(const struct observe *observe,
	     void (*each)(const struct observe_state *state, void *to),
	     void *to)
{
	struct each_state both = { observe, each, to };

	iftable_each(observe->iftable, tell_state, &both);
}

void
observe_stop(struct observe *observe, void (*done)(void *to), void *to)
{
	hooks_detach_all(observe->hooks, done, to);
}
