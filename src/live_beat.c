/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live_beat.h"

#include <glib-unix.h>

enum {
	REST_MS = 500,
	HASTE_MS = 10,
};

static gboolean on_haste(void *to);
static gboolean on_rest(void *to);

static void
make_haste(struct beat *beat)
{
	beat_end(beat);
	beat->timer = g_timeout_add(HASTE_MS, on_haste, beat);
}

static gboolean
on_ring(int fd, GIOCondition condition, void *to)
{
	struct beat *beat = to;

	(void)fd;
	(void)condition;
	make_haste(beat);
	beat->look(beat->to, true);
	return G_SOURCE_REMOVE;
}

/* Only now: in haste a flood would wake us at each packet that finds the ring
 * empty. */
static void
rest(struct beat *beat)
{
	beat->timer = g_timeout_add(REST_MS, on_rest, beat);
	if (beat->ring_fd >= 0)
		beat->ring_source =
			g_unix_fd_add(beat->ring_fd, G_IO_IN, on_ring, beat);
}

static gboolean
on_haste(void *to)
{
	struct beat *beat = to;

	if (beat->look(beat->to, true))
		return G_SOURCE_CONTINUE;
	rest(beat);
	return G_SOURCE_REMOVE;
}

static gboolean
on_rest(void *to)
{
	struct beat *beat = to;

	if (!beat->look(beat->to, false))
		return G_SOURCE_CONTINUE;
	make_haste(beat);
	return G_SOURCE_REMOVE;
}

void
beat_begin(struct beat *beat)
{
	rest(beat);
}

void
beat_end(struct beat *beat)
{
	g_clear_handle_id(&beat->timer, g_source_remove);
	g_clear_handle_id(&beat->ring_source, g_source_remove);
}
