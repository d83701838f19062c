/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is attached to what.
 */
#include "hooked.h"

#include <string.h>

enum { MORE = 5 };

/* It stays as it is for as long as it is there, and no longer. */
static void
test_again(struct hooked *f, const void *method)
{
	(void)method;
	hooked_add_iface(0);
	hooked_attach(f, 0);
	hooked_attach(f, 0);
	g_assert_cmpint(hooked_ingress(f, 0), ==, 1);
	hooked_run("ip link del v0");
	hooked_add_iface(0); /* another of that index */
	g_assert_cmpint(hooked_ingress(f, 0), ==, 0);
	hooked_attach(f, 0);
	g_assert_cmpint(hooked_ingress(f, 0), ==, 1);
	hooks_free(g_steal_pointer(&f->hooks));
	g_assert_cmpint(hooked_ingress(f, 0), ==, 0);
}

/* Somebody removed the filters of one of two, and made room for his own. */
static void
test_bared(struct hooked *f, const void *method)
{
	(void)method;
	for (int n = 0; n < 2; n++) {
		struct iface iface = hooked_get_iface(n);

		hooked_add_iface(n);
		hooked_attach(f, n);
		hooks_check_begin(f->hooks, &iface);
		hooks_check_begin(f->hooks, &iface);
	}
	hooked_run("tc qdisc del dev v1 clsact");
	hooked_run("tc qdisc add dev v1 clsact");
	g_assert_cmpint(hooked_ingress(f, 1), ==, 0);
	while (!strstr(f->told->str, "v1"))
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(f->told->str, ==, " v1 tc;");
	g_assert_cmpint(hooked_ingress(f, 0), ==, 1);
	g_assert_cmpint(hooked_ingress(f, 1), ==, 1);
	hooked_detach_all(f);
	g_assert_cmpint(hooked_ingress(f, 1), ==, 0);
}

static guint
count_told(const struct hooked *f, const char *name)
{
	g_auto(GStrv) parts = g_strsplit(f->told->str, name, -1);

	return MAX(g_strv_length(parts), 1) - 1;
}

/* While v0 is attached to, which takes the kernel a while, somebody asks for v1
 * again and again. */
static void
test_often(struct hooked *f, const void *method)
{
	(void)method;
	for (int n = 0; n < 3; n++)
		hooked_add_iface(n);
	hooked_attach_begin(f, 0);
	for (int i = 0; i < 10000; i++)
		hooked_attach_begin(f, 1);
	hooked_attach_begin(f, 2);
	while (!count_told(f, "v2"))
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(count_told(f, "v1"), >=, 1);
	g_assert_cmpuint(count_told(f, "v1"), <, 1000);
	g_assert_cmpint(hooked_ingress(f, 1), ==, 1);
	hooked_detach_begin(f, 1);
	hooked_attach_begin(f, 1);
	hooked_detach_all(f);
}

/* V0 as these settings have it. */
static void
attach_as(struct hooked *f, bool ingress, bool egress, enum probe_method method)
{
	const struct hooks_what what = { ingress, egress, method };

	hooks_set(f->hooks, &what);
	g_string_truncate(f->told, 0);
	hooked_attach_begin(f, 0);
	while (!f->told->len)
		g_main_context_iteration(NULL, TRUE);
}

/* A direction comes and goes, by the method of now; the other one stays. */
static void
test_directions(struct hooked *f, const void *method)
{
	enum probe_method other = f->method == PROBE_TC && hooked_has_tcx()
					  ? PROBE_TCX
					  : PROBE_TC;

	(void)method;
	hooked_add_iface(0);
	hooked_attach(f, 0);
	g_assert_cmpint(hooked_egress(f, 0), ==, 1);
	attach_as(f, true, false, other);
	g_assert_cmpint(hooked_ingress(f, 0), ==, 1);
	g_assert_cmpint(hooked_egress(f, 0), ==, 0);
	attach_as(f, true, true, f->method);
	g_assert_cmpint(hooked_ingress(f, 0), ==, 1);
	g_assert_cmpint(hooked_egress(f, 0), ==, 1);
	attach_as(f, false, true, f->method);
	g_assert_cmpint(hooked_ingress(f, 0), ==, 0);
	g_assert_cmpint(hooked_egress(f, 0), ==, 1);
	hooked_detach_all(f);
	g_assert_cmpint(hooked_egress(f, 0), ==, 0);
}

/* Not too many get TCX, but those where programs of others have it. */
static void
test_many(struct hooked *f, const void *method)
{
	const int last = HOOKS_MAX_AUTO_TCX + MORE - 1;
	const struct hooks_args args = { .what = { .egress = true,
						   .method = PROBE_TCX } };
	struct probe *other = kernel_new(HOOKED_FLOWS, false);
	struct hooked guest = { .hooks = hooks_new(other, &args, NULL) };
	g_autofree char *expected = NULL;

	(void)method;
	for (int n = 0; n <= last; n++)
		hooked_add_iface(n);
	hooked_attach(&guest, last);
	for (int n = 0; n <= last; n++)
		g_assert_cmpstr(hooked_attach(f, n), ==,
				n < HOOKS_MAX_AUTO_TCX || n == last ? "tcx"
								    : "tc");
	hooked_detach_begin(f, 0);
	hooked_detach_begin(f, 1);
	hooked_attach_begin(f, last - 1); /* stands, and stays */
	hooked_attach_begin(f, 0);
	while (!strstr(f->told->str, "v0"))
		g_main_context_iteration(NULL, TRUE);
	expected = g_strdup_printf(" v%d tc; v0 tcx;", last - 1);
	g_assert_cmpstr(f->told->str, ==, expected);
	hooks_free(guest.hooks);
	probe_free(other);
}

static void
add(void)
{
	bool has_tcx = hooked_has_tcx();

	for (int method = PROBE_TCX; method <= PROBE_TC; method++) {
		if (method == PROBE_TCX && !has_tcx)
			continue;
		hooked_add("again", method, test_again);
		hooked_add("directions", method, test_directions);
	}
	hooked_add("bared", PROBE_TC, test_bared);
	if (!has_tcx)
		return;
	hooked_add("many", PROBE_AUTO, test_many);
	hooked_add("often", PROBE_TCX, test_often);
}

int
main(int argc, char **argv)
{
	return hooked_main(argc, argv, add);
}
