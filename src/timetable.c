/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "timetable.h"

#include <glib.h>

#include "clock.h"

struct timetable {
	uint64_t every_ns;
	void (*due)(void *to);
	void *to;
	unsigned early; /* of early_s[], the next */
	guint timer;
	uint64_t asleep_ns; /* that the machine had been, when that began */
};

/* Seconds from one time to the next. */
static const unsigned early_s[] = { 1, 4, 10, 45 };

/* 0: none. */
static guint
next_ms(struct timetable *timetable)
{
	uint64_t ns = timetable->every_ns;
	uint64_t early_ns;

	if (timetable->early < G_N_ELEMENTS(early_s)) {
		early_ns = early_s[timetable->early++] * CLOCK_SECOND_NS;
		ns = ns ? MIN(ns, early_ns) : early_ns;
	}
	return ns ? CLAMP(ns / 1000000, 1, G_MAXUINT) : 0;
}

static gboolean on_timer(gpointer data);

static void
arm(struct timetable *timetable)
{
	guint ms = next_ms(timetable);

	timetable->asleep_ns = clock_asleep_ns();
	timetable->timer = ms ? g_timeout_add(ms, on_timer, timetable) : 0;
}

static gboolean
on_timer(gpointer data)
{
	struct timetable *timetable = data;

	timetable->timer = 0;
	timetable->due(timetable->to);
	if (!timetable->timer) /* timetable_again() may have been faster */
		arm(timetable);
	return G_SOURCE_REMOVE;
}

bool
timetable_slept(const struct timetable *timetable)
{
	return clock_asleep_ns() > timetable->asleep_ns + CLOCK_SECOND_NS;
}

void
timetable_again(struct timetable *timetable)
{
	timetable->asleep_ns = clock_asleep_ns();
	if (timetable->early < 2)
		return;
	timetable->early = 0;
	g_clear_handle_id(&timetable->timer, g_source_remove);
	arm(timetable);
}

struct timetable *
timetable_new(uint64_t every_ns, bool early, void (*due)(void *to), void *to)
{
	struct timetable *timetable = g_new0(struct timetable, 1);

	timetable->every_ns = every_ns;
	timetable->due = due;
	timetable->to = to;
	timetable->early = early ? 0 : G_N_ELEMENTS(early_s);
	arm(timetable);
	return timetable;
}

void
timetable_free(struct timetable *timetable)
{
	if (!timetable)
		return;
	g_clear_handle_id(&timetable->timer, g_source_remove);
	g_free(timetable);
}
