/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records wait live, too: seconds pass when we say so. */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../joiner.h"
#include "../tap.h"

static GSourceFunc on_second;
static gpointer of_second;
static uint64_t boot_ns;

/* Before GLib's. */
guint
g_timeout_add_seconds(guint interval, GSourceFunc function, gpointer data)
{
	g_assert_cmpuint(interval, ==, 1);
	on_second = function;
	of_second = data;
	return 1;
}

gboolean(g_source_remove)(guint tag)
{
	g_assert_cmpuint(tag, ==, 1);
	return TRUE;
}

/* And the C library's, but for what GLib wants itself. */
int
clock_gettime(clockid_t id, struct timespec *t)
{
	if (id != CLOCK_BOOTTIME)
		return syscall(SYS_clock_gettime, id, t);
	*t = (struct timespec){ boot_ns / CLOCK_SECOND_NS,
				boot_ns % CLOCK_SECOND_NS };
	return 0;
}

static void
pass_second(void)
{
	boot_ns += CLOCK_SECOND_NS;
	g_assert_true(on_second(of_second));
}

/* Live, too, whatever becomes of the wall clock. */
static void
test_live(void)
{
	struct joiner j;

	boot_ns = 1000 * CLOCK_SECOND_NS;
	joiner_setup(&j, 16, true);
	joiner_push(&j, JOINER_CLIENT, 100, 100000, 1);
	for (int i = 0; i < 4; i++)
		pass_second();
	joiner_expect(&j, " c1");
	joiner_push(&j, JOINER_CLIENT, 100, 10, 2);
	pass_second();
	joiner_push(&j, JOINER_SERVER, 100000, 10, 3);
	joiner_expect(&j, " c2/3");
	joiner_push(&j, JOINER_CLIENT, 100, 20, 4);
	pass_second();
	pass_second();
	joiner_expect(&j, "");
	pass_second();
	joiner_expect(&j, " c4");
	joiner_teardown(&j);
}

static void
add(void)
{
	g_test_add_func("/biflow/live", test_live);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
