/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe_hooks.h"

#include "log.h"
#include "means.h"
#include "probe_hold.h"

struct hooks {
	struct hooks_args args;
	GThreadPool *pool;	/* of one thread */
	GQueue begun;		/* of struct job: whose end was not told yet */
	struct hooks_what told; /* to the thread, as the last of them says */
	GHashTable *asked; /* index → struct job, to attach, and none to detach
			    * or of other settings behind it */
	gint leaving;	   /* atomic */
	GHashTable *bared; /* index → struct iface, to be checked ... */
	guint check_timer; /* ... then */
	/* Of the thread that runs a job: */
	struct hold_means means;
	GHashTable *held; /* index → struct hold */
};

struct job {
	struct hooks *hooks;
	void (*run)(struct job *job);
	struct iface iface;
	struct hooks_what what; /* to attach from now on */
	void (*told)(struct job *job);
	const char *how;
	GError *error;
	void (*done)(void *to);
	void *to;
	gint running; /* atomic */
};

const char *
hooks_attach(struct hooks *hooks, const struct iface *iface, GError **error)
{
	void *index = GUINT_TO_POINTER(iface->index);
	struct hold *hold = g_hash_table_lookup(hooks->held, index);

	if (hold && hold_stands(hold))
		return hold_attach(hold, iface, error) ? hold_method(hold)
						       : NULL;
	/* Of an interface that had this index before. */
	g_hash_table_remove(hooks->held, index);
	hold = hold_new(&hooks->means);
	g_hash_table_insert(hooks->held, index, hold);
	if (hold_attach(hold, iface, error))
		return hold_method(hold);
	g_hash_table_remove(hooks->held, index);
	return NULL;
}

static void
run_attach(struct job *job)
{
	if (!g_atomic_int_get(&job->hooks->leaving))
		job->how = hooks_attach(job->hooks, &job->iface, &job->error);
}

static void
run_set(struct job *job)
{
	job->hooks->means.what = job->what;
}

static void
run_check(struct job *job)
{
	const struct hold *hold = g_hash_table_lookup(
		job->hooks->held, GUINT_TO_POINTER(job->iface.index));

	if (!hold || hold_stands(hold) ||
	    g_atomic_int_get(&job->hooks->leaving))
		return;
	log_warning("interface %s: another program removed our filters: for a "
		    "while, what it carried was not seen",
		    job->iface.name);
	run_attach(job);
}

static void
run_detach(struct job *job)
{
	g_hash_table_remove(job->hooks->held,
			    GUINT_TO_POINTER(job->iface.index));
}

static void
run_detach_all(struct job *job)
{
	g_hash_table_remove_all(job->hooks->held);
}

static void
tell_attached(struct job *job)
{
	const struct hooks_args *args = &job->hooks->args;

	if (!g_atomic_int_get(&job->hooks->leaving))
		args->attached(args->to, &job->iface, job->how, job->error);
}

static void
tell_checked(struct job *job)
{
	if (job->how || job->error)
		tell_attached(job);
}

static void
tell_done(struct job *job)
{
	job->done(job->to);
}

static void
free_job(void *data)
{
	struct job *job = data;

	g_clear_error(&job->error);
	g_free(job);
}

static void
forget_asked(const struct job *job)
{
	void *index = GUINT_TO_POINTER(job->iface.index);

	if (g_hash_table_lookup(job->hooks->asked, index) == job)
		g_hash_table_remove(job->hooks->asked, index);
}

static gboolean
on_job_over(void *data)
{
	struct job *job = data;

	g_queue_remove(&job->hooks->begun, job);
	forget_asked(job);
	if (job->told)
		job->told(job);
	free_job(job);
	return G_SOURCE_REMOVE;
}

/* In the thread. */
static void
run_job(void *data, void *to)
{
	struct job *job = data;

	(void)to;
	g_atomic_int_set(&job->running, true);
	job->run(job);
	g_idle_add_full(G_PRIORITY_DEFAULT, on_job_over, job, NULL);
}

static struct job *
begin(struct hooks *hooks, const struct job *what)
{
	struct job *job = g_new(struct job, 1);

	*job = *what;
	job->hooks = hooks;
	g_queue_push_tail(&hooks->begun, job);
	g_thread_pool_push(hooks->pool, job, NULL);
	return job;
}

struct hooks *
hooks_new(const struct probe *probe, const struct hooks_args *args,
	  GError **error)
{
	struct hooks *hooks = g_new0(struct hooks, 1);

	hooks->means.probe = probe;
	hooks->args = *args;
	hooks->means.what = hooks->told = args->what;
	hooks->asked = g_hash_table_new(NULL, NULL);
	g_queue_init(&hooks->begun);
	hooks->held = g_hash_table_new_full(NULL, NULL, NULL,
					    (GDestroyNotify)hold_free);
	hooks->bared = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	hooks->pool = means_worker(run_job, error);
	if (hooks->pool)
		return hooks;
	hooks_free(hooks);
	return NULL;
}

void
hooks_free(struct hooks *hooks)
{
	if (!hooks)
		return;
	g_atomic_int_set(&hooks->leaving, true);
	if (hooks->pool)
		g_thread_pool_free(hooks->pool, FALSE, TRUE);
	for (GList *job = hooks->begun.head; job; job = job->next)
		g_idle_remove_by_data(job->data);
	g_queue_clear_full(&hooks->begun, free_job);
	g_clear_handle_id(&hooks->check_timer, g_source_remove);
	g_hash_table_destroy(hooks->asked);
	g_hash_table_destroy(hooks->bared);
	g_hash_table_destroy(hooks->held);
	g_free(hooks);
}

static bool
is_same(const struct hooks_what *a, const struct hooks_what *b)
{
	return a->ingress == b->ingress && a->egress == b->egress &&
	       a->method == b->method;
}

void
hooks_set(struct hooks *hooks, const struct hooks_what *what)
{
	if (is_same(what, &hooks->told))
		return;
	hooks->told = *what;
	g_hash_table_remove_all(hooks->asked);
	begin(hooks, &(struct job){ .run = run_set, .what = *what });
}

/* One that waits for its turn will do. */
void
hooks_attach_begin(struct hooks *hooks, const struct iface *iface)
{
	void *index = GUINT_TO_POINTER(iface->index);
	struct job *job = g_hash_table_lookup(hooks->asked, index);

	if (job && !g_atomic_int_get(&job->running))
		return;
	job = begin(hooks, &(struct job){ .run = run_attach,
					  .iface = *iface,
					  .told = tell_attached });
	g_hash_table_insert(hooks->asked, index, job);
}

void
hooks_detach_begin(struct hooks *hooks, const struct iface *iface)
{
	g_hash_table_remove(hooks->asked, GUINT_TO_POINTER(iface->index));
	begin(hooks, &(struct job){ .run = run_detach, .iface = *iface });
}

static gboolean
on_check_timer(void *to)
{
	struct hooks *hooks = to;
	GHashTableIter bared;
	void *iface;

	hooks->check_timer = 0;
	g_hash_table_iter_init(&bared, hooks->bared);
	while (g_hash_table_iter_next(&bared, NULL, &iface))
		begin(hooks, &(struct job){ .run = run_check,
					    .iface = *(struct iface *)iface,
					    .told = tell_checked });
	g_hash_table_remove_all(hooks->bared);
	return G_SOURCE_REMOVE;
}

void
hooks_check_begin(struct hooks *hooks, const struct iface *iface)
{
	g_hash_table_insert(hooks->bared, GUINT_TO_POINTER(iface->index),
			    g_memdup2(iface, sizeof(*iface)));
	if (!hooks->check_timer)
		hooks->check_timer =
			g_timeout_add(HOOKS_CHECK_MS, on_check_timer, hooks);
}

void
hooks_detach_all(struct hooks *hooks, void (*done)(void *to), void *to)
{
	g_atomic_int_set(&hooks->leaving, true);
	begin(hooks, &(struct job){ .run = run_detach_all,
				    .told = tell_done,
				    .done = done,
				    .to = to });
}
