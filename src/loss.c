/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loss.h"

#include <glib.h>

#include "log.h"

#define MINUTE_S    60
#define MAX_MINUTES 60 /* from one line to the next */

struct loss {
	const char *name;
	uint64_t n;    /* dropped since it began */
	uint64_t seen; /* a minute ago */
	unsigned minutes, next;
	guint timer; /* 0: all is well */
};

static gboolean
on_minute(gpointer to)
{
	struct loss *loss = to;

	loss->minutes++;
	if (loss->n == loss->seen) {
		log_info("collector %s: its queue is not full any longer, "
			 "%" G_GUINT64_FORMAT " records were dropped",
			 loss->name, loss->n);
		loss->timer = 0;
		return G_SOURCE_REMOVE;
	}
	loss->seen = loss->n;
	if (loss->minutes < loss->next)
		return G_SOURCE_CONTINUE;
	log_warning("collector %s: its queue has been full for %u min, "
		    "%" G_GUINT64_FORMAT " records were dropped",
		    loss->name, loss->minutes, loss->n);
	loss->next += MIN(loss->next, MAX_MINUTES);
	return G_SOURCE_CONTINUE;
}

void
loss_note(struct loss *loss, uint64_t n)
{
	if (loss->timer) {
		loss->n += n;
		return;
	}
	log_warning("collector %s: its queue is full, the oldest records are "
		    "dropped",
		    loss->name);
	loss->n = n;
	loss->seen = 0;
	loss->minutes = 0;
	loss->next = 1;
	loss->timer = g_timeout_add_seconds(MINUTE_S, on_minute, loss);
}

bool
loss_lasts(const struct loss *loss)
{
	return loss->timer != 0;
}

struct loss *
loss_new(const char *name)
{
	struct loss *loss = g_new0(struct loss, 1);

	loss->name = name;
	return loss;
}

void
loss_free(struct loss *loss)
{
	if (!loss)
		return;
	g_clear_handle_id(&loss->timer, g_source_remove);
	g_free(loss);
}
