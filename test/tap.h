/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tap.h - a g_test program's main(): always speaks TAP, for automake's driver.
 */
#ifndef TAP_H
#define TAP_H

#include <glib.h>

/* Runs what ADD adds with g_test_add_func() and the like. */
static inline int
tap_main(int argc, char **argv, void (*add)(void))
{
	g_autofree char **with_tap = g_new0(char *, argc + 2);
	char **args = with_tap;
	int n = argc + 1;

	with_tap[0] = argv[0];
	with_tap[1] = (char *)"--tap";
	for (int i = 1; i < argc; i++)
		with_tap[i + 1] = argv[i];
	g_test_init(&n, &args, NULL);
	add();
	return g_test_run();
}

#endif
