/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * datapath.c - what a packet costs in the kernel, and a flow in the daemon.
 *
 *	datapath [--quick] [--object=FILE [--program=NAME|SECTION]]... [JSON]
 *
 * The programs whole, by bpf_prog_test_run, less an empty program in the same
 * round: one hot flow, 64 Ki and 1 Mi flows in random order, the first packet
 * of a flow.  Then a scan of a table of a million flows in which nothing is
 * due, one that looks at each flow all the same, and the harvest of all.  Then
 * real traffic.  Programs of other objects, as they are, do the same in the
 * same rounds.
 *
 * Of ours also: one hot flow of each kind of packet, and what options cost.
 */
#include <err.h>
#include <glib.h>

#include "../test/packets.h"
#include "cases.h"

static gboolean
on_object(const char *option, const char *file, void *contestants,
	  GError **error)
{
	const struct contestant contestant = {
		.file = g_intern_string(file),
	};

	(void)option;
	(void)error;
	g_array_append_val((GArray *)contestants, contestant);
	return TRUE;
}

/* Of the object before it. */
static gboolean
on_program(const char *option, const char *program, void *contestants,
	   GError **error)
{
	GArray *all = contestants;
	struct contestant *last =
		&g_array_index(all, struct contestant, all->len - 1);

	if (!last->file) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    "%s: which object's?", option);
		return FALSE;
	}
	last->program = g_intern_string(program);
	return TRUE;
}

/* What the command line names, behind ours; the file to write is returned. */
static char *
read_options(int argc, char **argv, struct bench *bench)
{
	g_auto(GStrv) rest = NULL;
	gboolean quick = FALSE;
	const GOptionEntry entries[] = {
		{ "quick", 'q', 0, G_OPTION_ARG_NONE, &quick,
		  "few rounds, for a rough idea", NULL },
		{ "object", 'o', 0, G_OPTION_ARG_CALLBACK, (void *)on_object,
		  "compare with a program of this object", "FILE" },
		{ "program", 'p', 0, G_OPTION_ARG_CALLBACK, (void *)on_program,
		  "which one of it; else its first", "NAME|SECTION" },
		{ G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest,
		  NULL, "[JSON]" },
		{ NULL },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	GOptionGroup *group =
		g_option_group_new("", "", "", bench->contestants, NULL);
	g_autoptr(GError) error = NULL;

	g_option_group_add_entries(group, entries);
	g_option_context_set_main_group(context, group);
	if (!g_option_context_parse(context, &argc, &argv, &error))
		errx(2, "%s", error->message);
	for (guint i = 1; i < bench->contestants->len; i++)
		contestant_find(&g_array_index(bench->contestants,
					       struct contestant, i));
	bench->n_rounds = quick ? 3 : 9;
	bench->n_live_rounds = quick ? 1 : 5;
	return g_strdup(rest ? rest[0] : "datapath.json");
}

/* They are a test's, and so is the way to them; options are ours. */
static GPtrArray *
load_packets(char *name)
{
	char *args[] = { name, NULL }, **argv = args;
	int argc = 1;

	g_setenv("G_TEST_SRCDIR", TOP_SRCDIR, FALSE);
	g_test_init(&argc, &argv, NULL);
	return packets_load();
}

int
main(int argc, char **argv)
{
	const struct contestant ours = { OURS };
	struct bench bench = { 0 };
	g_autofree char *file = NULL;
	g_autoptr(GError) error = NULL;

	bench.contestants = g_array_new(FALSE, FALSE, sizeof(ours));
	g_array_append_val(bench.contestants, ours);
	file = read_options(argc, argv, &bench);
	bench.report = report_new();
	bench.runner = runner_new();
	bench.packets = load_packets(argv[0]);
	cases_run(&bench);
	cases_run_live(&bench);
	if (!report_write(bench.report, file, &error))
		errx(1, "%s", error->message);
	report_free(bench.report);
	runner_free(bench.runner);
	g_ptr_array_unref(bench.packets);
	g_array_unref(bench.contestants);
	return 0;
}
