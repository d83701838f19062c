/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics_visitors.h"

#include <sys/socket.h>

#include "metrics.h"

struct visitor {
	int fd;
	int64_t until_us;
};

static void
wait_for(struct visitors *visitors, struct visitor *visitor)
{
	visitor->until_us =
		g_get_monotonic_time() + METRICS_LIMIT_S * G_USEC_PER_SEC;
	g_queue_push_tail(&visitors->queue, visitor);
}

void
visitors_on_connection(void *to, struct MHD_Connection *client, void **visitor,
		       enum MHD_ConnectionNotificationCode what)
{
	struct visitors *visitors = to;
	const union MHD_ConnectionInfo *info = mhd.get_connection_info(
		client, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*visitor = g_new0(struct visitor, 1);
		((struct visitor *)*visitor)->fd = info->connect_fd;
		wait_for(visitors, *visitor);
	} else {
		g_queue_remove(&visitors->queue, *visitor);
		g_free(*visitor);
	}
}

void
visitors_on_answered(void *to, struct MHD_Connection *client, void **request,
		     enum MHD_RequestTerminationCode why)
{
	struct visitors *visitors = to;
	struct visitor *visitor =
		mhd.get_connection_info(client,
					MHD_CONNECTION_INFO_SOCKET_CONTEXT)
			->socket_context;

	(void)request;
	(void)why;
	g_queue_remove(&visitors->queue, visitor);
	wait_for(visitors, visitor);
}

void
visitors_see_out(struct visitors *visitors)
{
	const int64_t now_us = g_get_monotonic_time();
	struct visitor *first;

	while ((first = g_queue_peek_head(&visitors->queue)) &&
	       first->until_us <= now_us) {
		shutdown(first->fd, SHUT_RDWR);
		g_queue_pop_head(&visitors->queue);
	}
}

int64_t
visitors_until_us(struct visitors *visitors)
{
	const struct visitor *first = g_queue_peek_head(&visitors->queue);

	return first ? first->until_us : -1;
}
