/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "means.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"

void
means_lift(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_debug("RLIMIT_NOFILE: %s", g_strerror(errno));
}

bool
means_files(guint n, GError **error)
{
	g_autofree int *fds = g_new(int, n);
	guint n_open = 0;
	int errnum;

	while (n_open < n && (fds[n_open] = eventfd(0, EFD_CLOEXEC)) >= 0)
		n_open++;
	errnum = errno;
	for (guint i = 0; i < n_open; i++)
		close(fds[i]);
	if (n_open == n)
		return true;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errnum),
		    "no %u more files can be opened: %s (ulimit -n, or "
		    "LimitNOFILE= of the unit)",
		    n, g_strerror(errnum));
	return false;
}

static bool
refuse_thread(GError **error, GError *why)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
		    "no thread can be had: %s (pids.max of the cgroup, "
		    "TasksMax= of the unit)",
		    why->message);
	g_error_free(why);
	return false;
}

static void *
wait_for_others(void *to)
{
	GMutex *all_there = to;

	g_mutex_lock(all_there);
	g_mutex_unlock(all_there);
	return NULL;
}

bool
means_threads(guint n, GError **error)
{
	g_autofree GThread **threads = g_new0(GThread *, n);
	GError *why = NULL;
	GMutex all_there;
	guint made = 0;

	g_mutex_init(&all_there);
	g_mutex_lock(&all_there);
	while (made < n &&
	       (threads[made] = g_thread_try_new("means", wait_for_others,
						 &all_there, &why)))
		made++;
	g_mutex_unlock(&all_there);
	for (guint i = 0; i < made; i++)
		g_thread_join(threads[i]);
	g_mutex_clear(&all_there);
	return why ? refuse_thread(error, why) : true;
}

GThreadPool *
means_worker(GFunc run, GError **error)
{
	GError *why = NULL;
	GThreadPool *worker = g_thread_pool_new(run, NULL, 1, TRUE, &why);

	if (!why)
		return worker;
	refuse_thread(error, why);
	g_thread_pool_free(worker, TRUE, FALSE);
	return NULL;
}
