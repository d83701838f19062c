/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>

#include "../logged.h"
#include "../tap.h"
#include "loss.h"

enum { TIMER = 77 };

static GSourceFunc on_minute; /* NULL: no timer runs */
static gpointer of_minute;

/* Before GLib's: minutes pass when we say so. */
guint
g_timeout_add_seconds(guint interval, GSourceFunc function, gpointer data)
{
	g_assert_cmpuint(interval, ==, 60);
	g_assert_null(on_minute);
	on_minute = function;
	of_minute = data;
	return TIMER;
}

gboolean(g_source_remove)(guint tag)
{
	g_assert_cmpuint(tag, ==, TIMER);
	g_assert_nonnull(on_minute);
	on_minute = NULL;
	return TRUE;
}

static void
pass_minute(void)
{
	g_assert_nonnull(on_minute);
	if (on_minute(of_minute) == G_SOURCE_REMOVE)
		on_minute = NULL;
}

static void
expect(const char *line)
{
	logged_expect(line, NULL, NULL);
}

static struct loss *
setup(void)
{
	logged_forget();
	return loss_new("main");
}

static void
teardown(struct loss *loss)
{
	loss_free(loss);
	g_assert_null(on_minute);
	expect("");
}

/* It is told when it begins, and when it is over. */
static void
test_short(void)
{
	struct loss *loss = setup();

	g_assert_false(loss_lasts(loss));
	for (int times = 0; times < 2; times++) {
		loss_note(loss, 1);
		expect("w collector main: its queue is full, the oldest "
		       "records are dropped\n");
		loss_note(loss, 2);
		expect("");
		g_assert_true(loss_lasts(loss));
		pass_minute();
		expect("w collector main: its queue has been full for 1 "
		       "min, 3 records were dropped\n");
		g_assert_true(loss_lasts(loss));
		pass_minute();
		expect("i collector main: its queue is not full any "
		       "longer, 3 records were dropped\n");
		g_assert_false(loss_lasts(loss));
		g_assert_null(on_minute);
	}
	teardown(loss);
}

/* While it lasts, ever more rarely, but once an hour at least. */
static void
test_long(void)
{
	static const unsigned told[] = {
		1, 2, 4, 8, 16, 32, 64, 124, 184, 244
	};
	struct loss *loss = setup();
	size_t i = 0;

	loss_note(loss, 10);
	logged_forget();
	for (unsigned minute = 1; minute <= 300; minute++) {
		g_autofree char *expected = g_strdup_printf(
			"w collector main: its queue has been full for %u min, "
			"%u records were dropped\n",
			minute, 10 * minute);
		bool tells = i < G_N_ELEMENTS(told) && minute == told[i];

		pass_minute();
		expect(tells ? expected : "");
		i += tells;
		loss_note(loss, 10);
	}
	g_assert_cmpuint(i, ==, G_N_ELEMENTS(told));
	teardown(loss);
}

static void
add(void)
{
	g_test_add_func("/loss/short", test_short);
	g_test_add_func("/loss/long", test_long);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
