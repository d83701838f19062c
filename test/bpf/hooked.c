/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooked.h"

#include <bpf/bpf.h>
#include <net/if_arp.h>
#include <sched.h>
#include <string.h>

enum {
	TCX_INGRESS = 46, /* kernel 6.6 */
	TCX_EGRESS = 47,
	INDEX = 1000,
};

static struct probe *probe; /* of all tests */

void
hooked_run(const char *format, ...)
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

void
hooked_add_iface(int n)
{
	hooked_run("ip link add v%d index %d type veth peer name p%d", n,
		   INDEX + n, n);
}

struct iface
hooked_get_iface(int n)
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

int
hooked_ingress(const struct hooked *f, int n)
{
	struct iface iface = hooked_get_iface(n);

	return count_programs(&iface, f->method == PROBE_TCX, true);
}

int
hooked_egress(const struct hooked *f, int n)
{
	struct iface iface = hooked_get_iface(n);

	return count_programs(&iface, f->method == PROBE_TCX, false);
}

static void
on_attached(void *to, const struct iface *iface, const char *how,
	    const GError *error)
{
	struct hooked *f = to;

	g_assert_true(!how == !!error);
	g_string_append_printf(f->told, " %s %s;", iface->name, how ?: "no");
}

bool
hooked_has_tcx(void)
{
	g_autofree char *symbols = NULL;

	g_file_get_contents("/proc/kallsyms", &symbols, NULL, NULL);
	return symbols && strstr(symbols, " tcx_prog_attach\n");
}

static void
set_up(struct hooked *f, const void *method)
{
	struct hooks_args args = {
		.what.ingress = true,
		.what.egress = true,
		.what.method = GPOINTER_TO_INT(method),
		.attached = on_attached,
		.to = f,
	};

	if (!probe)
		probe = kernel_new(HOOKED_FLOWS, false);
	g_assert_cmpint(unshare(CLONE_NEWNET), ==, 0);
	g_thread_pool_stop_unused_threads(); /* which are where we were */
	f->method = args.what.method;
	f->told = g_string_new(NULL);
	f->hooks = hooks_new(probe, &args, NULL);
}

static void
tear_down(struct hooked *f, const void *method)
{
	(void)method;
	hooks_free(f->hooks);
	g_string_free(f->told, TRUE);
}

const char *
hooked_attach(struct hooked *f, int n)
{
	g_autoptr(GError) error = NULL;
	struct iface iface = hooked_get_iface(n);
	const char *how = hooks_attach(f->hooks, &iface, &error);

	g_assert_no_error(error);
	return how;
}

void
hooked_attach_begin(struct hooked *f, int n)
{
	struct iface iface = hooked_get_iface(n);

	hooks_attach_begin(f->hooks, &iface);
}

void
hooked_detach_begin(struct hooked *f, int n)
{
	struct iface iface = hooked_get_iface(n);

	hooks_detach_begin(f->hooks, &iface);
}

static void
on_done(void *to)
{
	*(bool *)to = true;
}

void
hooked_detach_all(struct hooked *f)
{
	bool done = false;

	hooks_detach_all(f->hooks, on_done, &done);
	while (!done)
		g_main_context_iteration(NULL, TRUE);
}

void
hooked_add(const char *name, enum probe_method method,
	   void (*test)(struct hooked *f, const void *method))
{
	static const char *const methods[] = {
		[PROBE_AUTO] = "auto",
		[PROBE_TCX] = "tcx",
		[PROBE_TC] = "tc",
	};
	g_autofree char *path =
		g_strdup_printf("/hooks/%s/%s", name, methods[method]);

	g_test_add(path, struct hooked, GINT_TO_POINTER(method), set_up, test,
		   tear_down);
}

int
hooked_main(int argc, char **argv, void (*add)(void))
{
	int failed = kernel_main(argc, argv, add);

	probe_free(probe);
	return failed;
}
