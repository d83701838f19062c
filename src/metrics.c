/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics.h"

#include <errno.h>
#include <gio/gio.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config.h"

#define CLIENT_MEMORY 8192 /* for a request's lines and an answer's */

struct metrics {
	struct MHD_Daemon *server;
	GSource *source;
	void (*write)(GString *page, void *to);
	void *to;
};

/* --- the main loop's turn ---------------------------------------------------
 */

struct turn {
	GSource source;
	struct MHD_Daemon *server;
	void *fd;	    /* the server's epoll, as the source knows it */
	unsigned n_clients; /* before its last run */
};

static unsigned
count_clients(struct MHD_Daemon *server)
{
	return MHD_get_daemon_info(server, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
		->num_connections;
}

/* Whether the server has work; if not, in how long it will.  When all places
 * were taken and then all are left at a stroke, it lets in the next clients
 * only after another run, which nothing else would bring about. */
static gboolean
prepare(GSource *source, gint *timeout_ms)
{
	struct turn *turn = (struct turn *)source;
	MHD_UNSIGNED_LONG_LONG ms;

	*timeout_ms = -1;
	if (MHD_get_timeout(turn->server, &ms) == MHD_YES)
		*timeout_ms = (gint)MIN(ms, G_MAXINT);
	return *timeout_ms == 0 ||
	       count_clients(turn->server) != turn->n_clients;
}

static gboolean
check(GSource *source)
{
	struct turn *turn = (struct turn *)source;
	gint timeout_ms;

	return g_source_query_unix_fd(source, turn->fd) ||
	       prepare(source, &timeout_ms);
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, void *to)
{
	struct turn *turn = (struct turn *)source;

	(void)callback;
	(void)to;
	turn->n_clients = count_clients(turn->server);
	MHD_run(turn->server);
	return G_SOURCE_CONTINUE;
}

static GSource *
attach(struct MHD_Daemon *server)
{
	static GSourceFuncs turns = { prepare, check, dispatch };
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server, MHD_DAEMON_INFO_EPOLL_FD);
	GSource *source = g_source_new(&turns, sizeof(struct turn));
	struct turn *turn = (struct turn *)source;

	turn->server = server;
	turn->fd = g_source_add_unix_fd(source, info->epoll_fd, G_IO_IN);
	g_source_attach(source, NULL);
	return source;
}

/* --- questions and answers --------------------------------------------------
 */

#define TEXT	"text/plain; charset=utf-8"
#define METRICS "text/plain; version=0.0.4; charset=utf-8"
#define HTML	"text/html; charset=utf-8"

/* Takes BODY, which is malloc()'s. */
static enum MHD_Result
reply(struct MHD_Connection *client, unsigned status, const char *type,
      char *body)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(body), body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (!response) {
		free(body);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
					"GET, HEAD");
	result = MHD_queue_response(client, status, response);
	MHD_destroy_response(response);
	return result;
}

static char *
page(const struct metrics *metrics)
{
	GString *page = g_string_new(NULL);

	metrics->write(page, metrics->to);
	return g_string_free(page, FALSE);
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
			     g_strdup("GET or HEAD, please\n"));
	if (strcmp(path, "/metrics") == 0)
		return reply(client, MHD_HTTP_OK, METRICS, page(to));
	if (strcmp(path, "/") == 0)
		return reply(client, MHD_HTTP_OK, HTML,
			     g_strdup("<!DOCTYPE html>\n<title>flowexport"
				      "</title>\n<p>flowexport: "
				      "<a href=\"/metrics\">metrics</a>\n"));
	return reply(client, MHD_HTTP_NOT_FOUND, TEXT,
		     g_strdup("not here: see /metrics\n"));
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

	if (!open_door(listen, &fd, error))
		return NULL;
	metrics = g_new0(struct metrics, 1);
	metrics->write = write;
	metrics->to = to;
	metrics->server = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, answer, metrics,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)METRICS_CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)METRICS_PATIENCE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_MEMORY,
		MHD_OPTION_END);
	if (metrics->server) {
		metrics->source = attach(metrics->server);
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
	g_source_destroy(metrics->source);
	g_source_unref(metrics->source);
	MHD_stop_daemon(metrics->server);
	g_free(metrics);
}
