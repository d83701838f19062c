/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_link.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

struct ctl_link {
	int fd;
	FILE *in;
	char *path;
	char *line; /* getline()'s */
	size_t size;
};

/* Somebody must be there, to refuse. */
static void
explain(const struct ctl_link *link, int errnum, enum ctl_status *status,
	GError **error)
{
	bool nobody = errnum == ENOENT || errnum == ECONNREFUSED ||
		      errnum == ENOTDIR || errnum == EPIPE ||
		      errnum == ECONNRESET || errnum == 0;

	*status = nobody ? CTL_NOBODY : CTL_REFUSED;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errnum), "%s: %s",
		    link->path,
		    errnum == EAGAIN ? "no answer"
		    : nobody	     ? "no flowexport there"
				     : g_strerror(errnum));
}

static bool
call(struct ctl_link *link)
{
	const struct timeval patience = { .tv_sec = CTL_PATIENCE_S };
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	if (g_strlcpy(name.sun_path, link->path, sizeof(name.sun_path)) >=
	    sizeof(name.sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (link->fd < 0)
		return false;
	setsockopt(link->fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	setsockopt(link->fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
		   sizeof(patience));
	return connect(link->fd, (struct sockaddr *)&name, sizeof(name)) == 0;
}

struct ctl_link *
link_new(const char *path, enum ctl_status *status, GError **error)
{
	struct ctl_link *link = g_new0(struct ctl_link, 1);

	link->path = g_strdup(path);
	link->fd = -1;
	if (call(link) && (link->in = fdopen(link->fd, "r")))
		return link;
	explain(link, errno, status, error);
	link_free(link);
	return NULL;
}

void
link_free(struct ctl_link *link)
{
	if (!link)
		return;
	if (link->in)
		fclose(link->in);
	else if (link->fd >= 0)
		close(link->fd);
	free(link->line);
	g_free(link->path);
	g_free(link);
}

/* Whether it went out; where the other end is gone it may have said why. */
static bool
send_line(struct ctl_link *link, const char *request)
{
	g_autofree char *line = g_strconcat(request, "\n", NULL);
	const size_t len = strlen(line);

	return send(link->fd, line, len, MSG_NOSIGNAL) == (ssize_t)len ||
	       errno == EPIPE || errno == ECONNRESET;
}

static const char *
error_in(JsonParser *parser)
{
	JsonNode *root = json_parser_get_root(parser);

	if (!root || !JSON_NODE_HOLDS_OBJECT(root))
		return "it answers in a way that is not understood";
	return json_object_get_string_member_with_default(
		json_node_get_object(root), "error", NULL);
}

const char *
link_ask(struct ctl_link *link, const char *request, JsonParser *parser,
	 enum ctl_status *status, GError **error)
{
	const char *refusal;
	ssize_t len;

	errno = 0;
	if (!send_line(link, request) ||
	    (len = getline(&link->line, &link->size, link->in)) <= 0) {
		explain(link, errno, status, error);
		return NULL;
	}
	*status = CTL_REFUSED;
	if (!json_parser_load_from_data(parser, link->line, len, error))
		return NULL;
	refusal = error_in(parser);
	if (refusal) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED,
				    refusal);
		return NULL;
	}
	*status = CTL_DONE;
	return link->line;
}
