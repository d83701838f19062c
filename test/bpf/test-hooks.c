/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is attached to what, in a network namespace of our own.
 */
#include "kernel.h"

#include <bpf/bpf.h>
#include <net/if_arp.h>
#include <sched.h>
#include <string.h>

#include "probe_hooks.h"

enum {
	MAX_FLOWS = 64,
	TCX_INGRESS = 46, /* kernel 6.6 */
	TCX_EGRESS = 47,
	INDEX = 1000,
	MORE = 5,
};

static struct probe *probe;

struct fixture {
	enum probe_method method;
	struct hooks *hooks;
	GString *told;
};

static void G_GNUC_PRINTF(1, 2) run(const char *format, ...)
{
	g_autofree char *command = NULL;
	g_autoptr(GError) error = NULL;
	int status = 0;
	va_list args;

	va_start(args, format);
	command = g_strdup_vprintf(format, args);
	va_end(args);
	g_spawn_command_line_sync(command, NULL, NULL, &status, &error);
	g_assert_no_error(error);
	g_assert_cmpint(status, ==, 0);
}

static void
add_iface(int n)
{
	run("ip link add v%d index %d type veth peer name p%d", n, INDEX + n,
	    n);
}

static struct iface
get_iface(int n)
{
	struct iface iface = { .index = INDEX + n, .type = ARPHRD_ETHER };

	g_snprintf(iface.name, sizeof(iface.name), "v%d", n);
	return iface;
}

/* Programs at an interface, by TCX or as filters. */
static int
count_programs(const struct iface *iface, bool tcx, bool ingress)
{
	g_autofree char *command =
		g_strdup_printf("tc filter show dev %s %s", iface->name,
				ingress ? "ingress" : "egress");
	int hook = ingress ? TCX_INGRESS : TCX_EGRESS;
	g_autofree char *text = NULL;
	__u32 n = 0;

	if (tcx) {
		bpf_prog_query(iface->index, (enum bpf_attach_type)hook, 0,
			       NULL, NULL, &n);
		return n;
	}
	g_spawn_command_line_sync(command, &text, NULL, NULL, NULL);
	for (const char *at = text; (at = strstr(at, "direct-action")); at++)
		n++;
	return n;
}

static int
count_all(const struct fixture *f, int n)
{
	struct iface iface = get_iface(n);

	return count_programs(&iface, f->method == PROBE_TCX, true);
}

static int
count_egress(const struct fixture *f, int n)
{
	struct iface iface = get_iface(n);

	return count_programs(&iface, f->method == PROBE_TCX, false);
}

static void
on_attached(void *to, const struct iface *iface, const char *how,
	    const GError *error)
{
	struct fixture *f = to;

	g_assert_true(!how == !!error);
	g_string_append_printf(f->told, " %s %s;", iface->name, how ?: "no");
}

static bool
has_tcx(void)
{
	g_autofree char *symbols = NULL;

	g_file_get_contents("/proc/kallsyms", &symbols, NULL, NULL);
	return symbols && strstr(symbols, " tcx_prog_attach\n");
}

static void
set_up(struct fixture *f, const void *method)
{
	struct hooks_args args = {
		.what.ingress = true,
		.what.egress = true,
		.what.method = GPOINTER_TO_INT(method),
		.attached = on_attached,
		.to = f,
	};

	g_assert_cmpint(unshare(CLONE_NEWNET), ==, 0);
	g_thread_pool_stop_unused_threads(); /* which are where we were */
	f->method = args.what.method;
	f->told = g_string_new(NULL);
	f->hooks = hooks_new(probe, &args);
}

static void
tear_down(struct fixture *f, const void *method)
{
	(void)method;
	hooks_free(f->hooks);
	g_string_free(f->told, TRUE);
}

static const char *
attach(struct fixture *f, int n)
{
	g_autoptr(GError) error = NULL;
	struct iface iface = get_iface(n);
	const char *how = hooks_attach(f->hooks, &iface, &error);

	g_assert_no_error(error);
	return how;
}

static void
attach_begin(struct fixture *f, int n)
{
	struct iface iface = get_iface(n);

	hooks_attach_begin(f->hooks, &iface);
}

static void
detach_begin(struct fixture *f, int n)
{
	struct iface iface = get_iface(n);

	hooks_detach_begin(f->hooks, &iface);
}

static void
on_done(void *to)
{
	*(bool *)to = true;
}

static void
detach_all(struct fixture *f)
{
	bool done = false;

	hooks_detach_all(f->hooks, on_done, &done);
	while (!done)
		g_main_context_iteration(NULL, TRUE);
}

/* It stays as it is for as long as it is there, and no longer. */
static void
test_again(struct fixture *f, const void *method)
{
	(void)method;
	add_iface(0);
	attach(f, 0);
	attach(f, 0);
	g_assert_cmpint(count_all(f, 0), ==, 1);
	run("ip link del v0");
	add_iface(0); /* another of that index */
	g_assert_cmpint(count_all(f, 0), ==, 0);
	attach(f, 0);
	g_assert_cmpint(count_all(f, 0), ==, 1);
	hooks_free(g_steal_pointer(&f->hooks));
	g_assert_cmpint(count_all(f, 0), ==, 0);
}

/* Somebody removed the filters of one of two, and made room for his own. */
static void
test_bared(struct fixture *f, const void *method)
{
	(void)method;
	for (int n = 0; n < 2; n++) {
		struct iface iface = get_iface(n);

		add_iface(n);
		attach(f, n);
		hooks_check_begin(f->hooks, &iface);
		hooks_check_begin(f->hooks, &iface);
	}
	run("tc qdisc del dev v1 clsact");
	run("tc qdisc add dev v1 clsact");
	g_assert_cmpint(count_all(f, 1), ==, 0);
	while (!strstr(f->told->str, "v1"))
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(f->told->str, ==, " v1 tc;");
	g_assert_cmpint(count_all(f, 0), ==, 1);
	g_assert_cmpint(count_all(f, 1), ==, 1);
	detach_all(f);
	g_assert_cmpint(count_all(f, 1), ==, 0);
}

/* V0 as these settings have it. */
static void
attach_as(struct fixture *f, bool ingress, bool egress,
	  enum probe_method method)
{
	const struct hooks_what what = { ingress, egress, method };

	hooks_set(f->hooks, &what);
	g_string_truncate(f->told, 0);
	attach_begin(f, 0);
	while (!f->told->len)
		g_main_context_iteration(NULL, TRUE);
}

/* A direction comes and goes, by the method of now; the other one stays. */
static void
test_directions(struct fixture *f, const void *method)
{
	enum probe_method other =
		f->method == PROBE_TC && has_tcx() ? PROBE_TCX : PROBE_TC;

	(void)method;
	add_iface(0);
	attach(f, 0);
	g_assert_cmpint(count_egress(f, 0), ==, 1);
	attach_as(f, true, false, other);
	g_assert_cmpint(count_all(f, 0), ==, 1);
	g_assert_cmpint(count_egress(f, 0), ==, 0);
	attach_as(f, true, true, f->method);
	g_assert_cmpint(count_all(f, 0), ==, 1);
	g_assert_cmpint(count_egress(f, 0), ==, 1);
	attach_as(f, false, true, f->method);
	g_assert_cmpint(count_all(f, 0), ==, 0);
	g_assert_cmpint(count_egress(f, 0), ==, 1);
	detach_all(f);
	g_assert_cmpint(count_egress(f, 0), ==, 0);
}

/* In the order of calls; what is told is told in that order too. */
static void
test_order(struct fixture *f, const void *method)
{
	const char *how = GPOINTER_TO_INT(method) == PROBE_TCX ? "tcx" : "tc";
	g_autofree char *expected = g_strdup_printf(
		" v0 %s; v1 %s; v9 no; v0 %s; v2 %s;", how, how, how, how);

	for (int n = 0; n < 3; n++)
		add_iface(n);
	attach_begin(f, 0);
	attach_begin(f, 1);
	attach_begin(f, 9); /* there is none */
	detach_begin(f, 0);
	attach_begin(f, 0);
	detach_begin(f, 1);
	attach_begin(f, 2);
	while (!strstr(f->told->str, "v2"))
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpstr(f->told->str, ==, expected);
	g_assert_cmpint(count_all(f, 0), ==, 1);
	g_assert_cmpint(count_all(f, 1), ==, 0);
	g_assert_cmpint(count_all(f, 2), ==, 1);
	detach_all(f);
	for (int n = 0; n < 3; n++)
		g_assert_cmpint(count_all(f, n), ==, 0);
}

/* What was begun and is not wanted any longer is not done. */
static void
test_stop(struct fixture *f, const void *method)
{
	(void)method;
	add_iface(0);
	add_iface(1);
	attach(f, 0);
	detach_all(f);
	attach_begin(f, 1);
	detach_all(f);
	g_assert_cmpint(count_all(f, 0), ==, 0);
	g_assert_cmpint(count_all(f, 1), ==, 0);
	g_assert_cmpstr(f->told->str, ==, "");
}

/* Nobody is told of anything after hooks_free(). */
static void
test_free(struct fixture *f, const void *method)
{
	(void)method;
	for (int n = 0; n < 3; n++) {
		add_iface(n);
		attach_begin(f, n);
	}
	hooks_free(g_steal_pointer(&f->hooks));
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpstr(f->told->str, ==, "");
	for (int n = 0; n < 3; n++)
		g_assert_cmpint(count_all(f, n), ==, 0);
}

/* Not too many get TCX, but those where programs of others have it. */
static void
test_many(struct fixture *f, const void *method)
{
	const int last = HOOKS_MAX_AUTO_TCX + MORE - 1;
	const struct hooks_args args = { .what = { .egress = true,
						   .method = PROBE_TCX } };
	struct probe *other = kernel_new(MAX_FLOWS, false);
	struct fixture guest = { .hooks = hooks_new(other, &args) };
	g_autofree char *expected = NULL;

	(void)method;
	for (int n = 0; n <= last; n++)
		add_iface(n);
	attach(&guest, last);
	for (int n = 0; n <= last; n++)
		g_assert_cmpstr(attach(f, n), ==,
				n < HOOKS_MAX_AUTO_TCX || n == last ? "tcx"
								    : "tc");
	detach_begin(f, 0);
	detach_begin(f, 1);
	attach_begin(f, last - 1); /* stands, and stays */
	attach_begin(f, 0);
	while (!strstr(f->told->str, "v0"))
		g_main_context_iteration(NULL, TRUE);
	expected = g_strdup_printf(" v%d tc; v0 tcx;", last - 1);
	g_assert_cmpstr(f->told->str, ==, expected);
	hooks_free(guest.hooks);
	probe_free(other);
}

static void
add_test(const char *name, enum probe_method method,
	 void (*test)(struct fixture *f, const void *method))
{
	static const char *const methods[] = {
		[PROBE_AUTO] = "auto",
		[PROBE_TCX] = "tcx",
		[PROBE_TC] = "tc",
	};
	g_autofree char *path =
		g_strdup_printf("/hooks/%s/%s", name, methods[method]);

	g_test_add(path, struct fixture, GINT_TO_POINTER(method), set_up, test,
		   tear_down);
}

static void
add(void)
{
	probe = kernel_new(MAX_FLOWS, false);
	for (int method = PROBE_TCX; method <= PROBE_TC; method++) {
		if (method == PROBE_TCX && !has_tcx())
			continue;
		add_test("again", method, test_again);
		add_test("directions", method, test_directions);
		add_test("order", method, test_order);
		add_test("stop", method, test_stop);
		if (method == PROBE_TC)
			add_test("bared", method, test_bared);
		add_test("free", method, test_free);
	}
	if (has_tcx())
		add_test("many", PROBE_AUTO, test_many);
}

int
main(int argc, char **argv)
{
	int failed = kernel_main(argc, argv, add);

	probe_free(probe);
	return failed;
}
