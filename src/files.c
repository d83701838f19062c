/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "files.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "log.h"

void
files_lift(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_debug("RLIMIT_NOFILE: %s", g_strerror(errno));
}

bool
files_left(guint n, GError **error)
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
