/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config.h"
#include "loop.h"
#include "means.h"
#include "metrics_answer.h"
#include "metrics_calls.h"
#include "metrics_visitors.h"

#define PAUSE_US      1000000
#define CLIENT_MEMORY 8192 /* for a request's lines and an answer's */

struct metrics {
	struct MHD_Daemon *server;
	GSource *source;
	struct answerer answerer;
	struct visitors visitors;
};

/* --- the main loop's turn ---------------------------------------------------
 */

struct turn {
	GSource source;
	struct metrics *metrics;
	void *fd;	    /* the server's epoll, as the source knows it */
	unsigned n_clients; /* before its last run */
};

static unsigned
count_clients(struct MHD_Daemon *server)
{
	return mhd.get_daemon_info(server, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
		->num_connections;
}

/* Whether the server has work; if not, in how long it will.  When all places
 * were taken and then all are left at a stroke, it lets in the next clients
 * only after another run, which nothing else would bring about. */
static gboolean
prepare(GSource *source, gint *timeout_ms)
{
	struct turn *turn = (struct turn *)source;
	struct MHD_Daemon *server = turn->metrics->server;
	MHD_UNSIGNED_LONG_LONG ms;

	*timeout_ms = -1;
	if (mhd.get_timeout(server, &ms) == MHD_YES)
		*timeout_ms = (gint)MIN(ms, G_MAXINT);
	return *timeout_ms == 0 || count_clients(server) != turn->n_clients;
}

static gboolean
check(GSource *source)
{
	struct turn *turn = (struct turn *)source;
	gint timeout_ms;

	return g_source_query_unix_fd(source, turn->fd) ||
	       prepare(source, &timeout_ms);
}

/* Without a file left, clients wait at the door, and to see them is no work. */
static gboolean
dispatch(GSource *source, GSourceFunc callback, void *to)
{
	struct turn *turn = (struct turn *)source;
	struct metrics *metrics = turn->metrics;
	int64_t again_us = g_source_get_time(source) + PAUSE_US;
	bool open = means_files(1, NULL);

	(void)callback;
	(void)to;
	g_source_modify_unix_fd(source, turn->fd, open ? G_IO_IN : 0);
	visitors_see_out(&metrics->visitors);
	turn->n_clients = count_clients(metrics->server);
	mhd.run(metrics->server);
	answer_forget_page(&metrics->answerer);
	g_source_set_ready_time(source,
				open ? visitors_until_us(&metrics->visitors)
				     : again_us);
	return G_SOURCE_CONTINUE;
}

static GSource *
attach(struct metrics *metrics)
{
	static GSourceFuncs turns = { prepare, check, dispatch };
	const union MHD_DaemonInfo *info =
		mhd.get_daemon_info(metrics->server, MHD_DAEMON_INFO_EPOLL_FD);
	GSource *source = g_source_new(&turns, sizeof(struct turn));
	struct turn *turn = (struct turn *)source;

	turn->metrics = metrics;
	turn->fd = g_source_add_unix_fd(source, info->epoll_fd, G_IO_IN);
	g_source_set_priority(source, LOOP_CLIENTS);
	g_source_attach(source, NULL);
	return source;
}

/* --- the door ---------------------------------------------------------------
 */

static bool
fail(const char *listen, GError **error)
{
	int reason = errno;

	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(reason),
		    "metrics.listen %s: %s", listen, g_strerror(reason));
	return false;
}

/* A port that the last one of us used a moment ago is free. */
static bool
open_door(const char *text, int *fd, GError **error)
{
	g_autoptr(GSocketAddress) address = config_listen(text);
	struct sockaddr_storage native;
	gssize len = g_socket_address_get_native_size(address);
	const int on = 1;

	if (!g_socket_address_to_native(address, &native, sizeof(native),
					error))
		return false;
	*fd = socket(native.ss_family,
		     SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return fail(text, error);
	setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(*fd, (struct sockaddr *)&native, (socklen_t)len) == 0 &&
	    listen(*fd, SOMAXCONN) == 0)
		return true;
	fail(text, error);
	close(*fd);
	return false;
}

struct metrics *
metrics_new(const char *listen, void (*write)(GString *page, void *to),
	    void *to, GError **error)
{
	struct metrics *metrics;
	int fd;

	if (!mhd_load(error)) {
		g_prefix_error(error, "metrics.listen %s: ", listen);
		return NULL;
	}
	if (!open_door(listen, &fd, error))
		return NULL;
	metrics = g_new0(struct metrics, 1);
	metrics->answerer = (struct answerer){ write, to };
	metrics->server = mhd.start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, answer, &metrics->answerer,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)METRICS_CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)METRICS_PATIENCE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_MEMORY,
		MHD_OPTION_NOTIFY_CONNECTION, visitors_on_connection,
		&metrics->visitors, MHD_OPTION_NOTIFY_COMPLETED,
		visitors_on_answered, &metrics->visitors, MHD_OPTION_END);
	if (metrics->server) {
		metrics->source = attach(metrics);
		return metrics;
	}
	fail(listen, error);
	close(fd);
	g_free(metrics);
	return NULL;
}

void
metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	mhd.stop_daemon(metrics->server);
	g_source_destroy(metrics->source);
	g_source_unref(metrics->source);
	g_free(metrics);
}
