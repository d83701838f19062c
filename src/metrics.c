/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config.h"
#include "files.h"
#include "loop.h"
#include "metrics_calls.h"

#define PAUSE_US      1000000
#define CLIENT_MEMORY 8192 /* for a request's lines and an answer's */

struct metrics {
	struct MHD_Daemon *server;
	GSource *source;
	void (*write)(GString *page, void *to);
	void *to;
	struct MHD_Response *page; /* of this turn; NULL: none was asked for */
	GQueue visitors;	   /* of struct visitor, who came first leads */
};

/* --- patience ---------------------------------------------------------------
 * The server drops who is idle.  Who sends or takes an octet now and then is
 * not, and would keep his place for good.
 */

struct visitor {
	int fd;
	int64_t until_us;
};

static void
wait_for(struct metrics *metrics, struct visitor *visitor)
{
	visitor->until_us =
		g_get_monotonic_time() + METRICS_LIMIT_S * G_USEC_PER_SEC;
	g_queue_push_tail(&metrics->visitors, visitor);
}

static void
on_connection(void *to, struct MHD_Connection *client, void **visitor,
	      enum MHD_ConnectionNotificationCode what)
{
	struct metrics *metrics = to;
	const union MHD_ConnectionInfo *info = mhd.get_connection_info(
		client, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*visitor = g_new0(struct visitor, 1);
		((struct visitor *)*visitor)->fd = info->connect_fd;
		wait_for(metrics, *visitor);
	} else {
		g_queue_remove(&metrics->visitors, *visitor);
		g_free(*visitor);
	}
}

static void
on_answered(void *to, struct MHD_Connection *client, void **request,
	    enum MHD_RequestTerminationCode why)
{
	struct metrics *metrics = to;
	struct visitor *visitor =
		mhd.get_connection_info(client,
					MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			->socket_context;

	(void)request;
	(void)why;
	g_queue_remove(&metrics->visitors, visitor);
	wait_for(metrics, visitor);
}

/* The server finds their connections closed. */
static void
see_out(struct metrics *metrics)
{
	const int64_t now_us = g_get_monotonic_time();
	struct visitor *first;

	while ((first = g_queue_peek_head(&metrics->visitors)) &&
	       first->until_us <= now_us) {
		shutdown(first->fd, SHUT_RDWR);
		g_queue_pop_head(&metrics->visitors);
	}
}

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
	bool open = files_left(1, NULL);
	const struct visitor *first;

	(void)callback;
	(void)to;
	g_source_modify_unix_fd(source, turn->fd, open ? G_IO_IN : 0);
	see_out(metrics);
	turn->n_clients = count_clients(metrics->server);
	mhd.run(metrics->server);
	g_clear_pointer(&metrics->page, mhd.destroy_response);
	first = g_queue_peek_head(&metrics->visitors);
	g_source_set_ready_time(source, !open	? again_us
					: first ? first->until_us
						: -1);
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

/* --- questions and answers --------------------------------------------------
 */

#define TEXT	"text/plain; charset=utf-8"
#define METRICS "text/plain; version=0.0.4; charset=utf-8"
#define HTML	"text/html; charset=utf-8"

/* Takes BODY, which is malloc()'s. */
static struct MHD_Response *
make_response(const char *type, char *body)
{
	struct MHD_Response *response = mhd.create_response_from_buffer(
		strlen(body), body, MHD_RESPMEM_MUST_FREE);

	if (response)
		mhd.add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
					type);
	else
		free(body);
	return response;
}

static enum MHD_Result
reply(struct MHD_Connection *client, unsigned status, const char *type,
      const char *text)
{
	struct MHD_Response *response = make_response(type, g_strdup(text));
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		mhd.add_response_header(response, MHD_HTTP_HEADER_ALLOW,
					"GET, HEAD");
	result = mhd.queue_response(client, status, response);
	mhd.destroy_response(response);
	return result;
}

/* Whoever asks in one turn of the loop is told the same: a crowd takes no more
 * of it, nor of memory, than one does. */
static enum MHD_Result
reply_page(struct MHD_Connection *client, struct metrics *metrics)
{
	GString *page;

	if (!metrics->page) {
		page = g_string_new(NULL);
		metrics->write(page, metrics->to);
		metrics->page =
			make_response(METRICS, g_string_free(page, FALSE));
	}
	return metrics->page
		       ? mhd.queue_response(client, MHD_HTTP_OK, metrics->page)
		       : MHD_NO;
}

static enum MHD_Result
answer(void *to, struct MHD_Connection *client, const char *path,
       const char *method, const char *version, const char *upload,
       size_t *upload_len, void **request)
{
	(void)version;
	(void)upload;
	(void)upload_len;
	(void)request;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return reply(client, MHD_HTTP_METHOD_NOT_ALLOWED, TEXT,
			     "GET or HEAD, please\n");
	if (strcmp(path, "/metrics") == 0)
		return reply_page(client, to);
	if (strcmp(path, "/") == 0)
		return reply(client, MHD_HTTP_OK, HTML,
			     "<!DOCTYPE html>\n<title>flowexport</title>\n"
			     "<p>flowexport: "
			     "<a href=\"/metrics\">metrics</a>\n");
	return reply(client, MHD_HTTP_NOT_FOUND, TEXT,
		     "not here: see /metrics\n");
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
	metrics->write = write;
	metrics->to = to;
	metrics->server = mhd.start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, answer, metrics,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)METRICS_CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)METRICS_PATIENCE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_MEMORY,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, metrics,
		MHD_OPTION_NOTIFY_COMPLETED, on_answered, metrics,
		MHD_OPTION_END);
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
