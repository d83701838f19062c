/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rig.h"

#include <string.h>

#include "logged.h"

static void
on_up(void *to, unsigned n_streams)
{
	struct rig *rig = to;

	g_assert_cmpuint(n_streams, ==, 1);
	rig->n_up++;
}

static void
on_room(void *to)
{
	struct rig *rig = to;

	g_assert_true(rig->ops->ready(rig->transport));
	rig->n_room++;
}

void
rig_prepare(struct rig *rig, const struct transport_ops *ops)
{
	memset(rig, 0, sizeof(*rig));
	rig->ops = ops;
	rig->collector = (struct collector){
		.name = (char *)"main",
		.host = (char *)"127.0.0.1",
		.source = (char *)"",
		.tcp_keepalive_ns = 60000 * RIG_MS,
	};
	logged_forget();
}

struct transport *
rig_open(struct rig *rig, GError **error)
{
	const struct transport_args args = {
		.collector = &rig->collector,
		.port = rig->port,
		.up = on_up,
		.room = on_room,
		.to = rig,
		.stats = &rig->stats,
	};

	return rig->ops->new(&args, error);
}

void
rig_begin(struct rig *rig)
{
	g_autoptr(GError) error = NULL;

	rig->transport = rig_open(rig, &error);
	g_assert_no_error(error);
	g_assert_false(rig->ops->ready(rig->transport));
	g_assert_false(rig->ops->healthy(rig->transport));
	g_assert_cmpuint(rig->n_up, ==, 0);
}

void
rig_until_idle(struct rig *rig)
{
	const int64_t end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

	while (rig->ops->busy(rig->transport)) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		if (!g_main_context_iteration(NULL, FALSE))
			g_usleep(500);
	}
}
