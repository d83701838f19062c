/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../tap.h"
#include "live_beat.h"

struct watcher {
	struct beat beat;
	unsigned n_looks;
	unsigned n_busy; /* looks that still see something */
	bool hasty;	 /* the last one was */
};

static bool
look(void *to, bool hasty)
{
	struct watcher *watcher = to;

	watcher->hasty = hasty;
	watcher->n_looks++;
	if (!watcher->n_busy)
		return false;
	watcher->n_busy--;
	return true;
}

static struct watcher *
watcher_new(int fd)
{
	struct watcher *watcher = g_new0(struct watcher, 1);

	watcher->beat = (struct beat){ look, watcher, fd };
	beat_begin(&watcher->beat);
	return watcher;
}

static void
watcher_free(struct watcher *watcher)
{
	beat_end(&watcher->beat);
	g_free(watcher);
	g_assert_false(g_main_context_pending(NULL));
}

static void
turn_until(const struct watcher *watcher, unsigned n_looks)
{
	while (watcher->n_looks < n_looks)
		g_main_context_iteration(NULL, TRUE);
}

static void
test_no_ring(void)
{
	struct watcher *watcher = watcher_new(-1);

	watcher->n_busy = 2;
	turn_until(watcher, 1);
	g_assert_false(watcher->hasty);
	turn_until(watcher, 2);
	g_assert_true(watcher->hasty);
	turn_until(watcher, 4);
	g_assert_false(watcher->hasty);
	watcher_free(watcher);
}

/* The ring wakes who rests, and nobody else. */
static void
test_ring(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct watcher *watcher = watcher_new(fd);
	guint resting = watcher->beat.timer;

	g_assert_cmpuint(watcher->beat.ring_source, !=, 0);
	watcher->n_busy = 2;
	eventfd_write(fd, 1);
	turn_until(watcher, 1);
	g_assert_true(watcher->hasty);
	g_assert_cmpuint(watcher->beat.timer, !=, resting);
	g_assert_cmpuint(watcher->beat.ring_source, ==, 0);
	turn_until(watcher, 2);
	g_assert_cmpuint(watcher->beat.ring_source, ==, 0);
	turn_until(watcher, 3);
	g_assert_cmpuint(watcher->beat.ring_source, !=, 0);
	watcher_free(watcher);
	close(fd);
}

/* What is still in the ring when haste is over begins it anew. */
static void
test_ring_is_full(void)
{
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	struct watcher *watcher = watcher_new(fd);
	eventfd_t value;

	turn_until(watcher, 5);
	eventfd_read(fd, &value);
	turn_until(watcher, 7);
	g_assert_cmpuint(watcher->beat.ring_source, !=, 0);
	watcher_free(watcher);
	close(fd);
}

static void
add(void)
{
	g_test_add_func("/live-beat/no-ring", test_no_ring);
	g_test_add_func("/live-beat/ring", test_ring);
	g_test_add_func("/live-beat/ring-is-full", test_ring_is_full);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
