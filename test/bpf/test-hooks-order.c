/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is begun beside the loop is done in order, or not at all.
 */
#include "hooked.h"

#include <string.h>

/* In the order of calls; what is told is told in that order too. */
static void
test_order(struct hooked *f, const void *method)
{
	const char *how = GPOINTER_TO_INT(method) == PROBE_TCX ? "tcx" : "tc";
	g_autofree char *expected = g_strdup_printf(
		" v0 %s; v1 %s; v9 no; v0 %s; v2 %s;", how, how, how, how);

	for (int n = 0; n < 3; n++)
		hooked_add_iface(n);
	hooked_attach_begin(f, 0);
	hooked_attach_begin(f, 1);
	hooked_attach_begin(f, 9); /* there is none */
	hooked_detach_begin(f, 0);
	hooked_attach_begin(f, 0);
	hooked_detach_begin(f, 1);
	hooked_attach_begin(f, 2);
	while (!strstr(f->told->str, "v2"))
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(f->told->str, ==, expected);
	g_assert_cmpint(hooked_ingress(f, 0), ==, 1);
	g_assert_cmpint(hooked_ingress(f, 1), ==, 0);
	g_assert_cmpint(hooked_ingress(f, 2), ==, 1);
	hooked_detach_all(f);
	for (int n = 0; n < 3; n++)
		g_assert_cmpint(hooked_ingress(f, n), ==, 0);
}

/* What was begun and is not wanted any longer is not done. */
static void
test_stop(struct hooked *f, const void *method)
{
	(void)method;
	hooked_add_iface(0);
	hooked_add_iface(1);
	hooked_attach(f, 0);
	hooked_detach_all(f);
	hooked_attach_begin(f, 1);
	hooked_detach_all(f);
	g_assert_cmpint(hooked_ingress(f, 0), ==, 0);
	g_assert_cmpint(hooked_ingress(f, 1), ==, 0);
	g_assert_cmpstr(f->told->str, ==, "");
}

/* Nobody is told of anything after hooks_free(). */
static void
test_free(struct hooked *f, const void *method)
{
	(void)method;
	for (int n = 0; n < 3; n++) {
		hooked_add_iface(n);
		hooked_attach_begin(f, n);
	}
	hooks_free(g_steal_pointer(&f->hooks));
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpstr(f->told->str, ==, "");
	for (int n = 0; n < 3; n++)
		g_assert_cmpint(hooked_ingress(f, n), ==, 0);
}

static void
add(void)
{
	for (int method = PROBE_TCX; method <= PROBE_TC; method++) {
		if (method == PROBE_TCX && !hooked_has_tcx())
			continue;
		hooked_add("order", method, test_order);
		hooked_add("stop", method, test_stop);
		hooked_add("free", method, test_free);
	}
}

int
main(int argc, char **argv)
{
	return hooked_main(argc, argv, add);
}
