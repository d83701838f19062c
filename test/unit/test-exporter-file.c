/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>

#include "../filer.h"
#include "../records.h"
#include "../tap.h"
#include "exporter.h"

static struct exporter *
exporter(struct filer *f, const char *path, GError **error)
{
	g_autofree char *small = g_build_filename(f->dir, "small.conf", NULL);
	const char *const dirs[] = { f->dir, NULL };
	struct exporter *exporter;

	/* Only for the collector. */
	transport_file.free(filer_open(f, path, false, NULL));
	g_file_set_contents(small, "ipv4 = [ \"octetDeltaCount\" ];\n", -1,
			    NULL);
	exporter = exporter_new(&f->collector, 1, dirs, false, error);
	g_unlink(small);
	return exporter;
}

static void
test_error(void)
{
	g_autofree char *expected = NULL;
	g_autoptr(GError) error = NULL;
	struct filer f;

	filer_prepare(&f);
	expected = g_strdup_printf("test:1: collector main: cannot write to "
				   "%s: Is a directory",
				   f.dir);
	g_assert_null(exporter(&f, f.dir, &error));
	g_assert_cmpstr(error->message, ==, expected);
	filer_teardown(&f);
}

static void
push_flush(struct exporter *to)
{
	struct sink sink = exporter_sink(to);
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	sink_push(&sink, &record);
	sink_flush(&sink);
}

/* Sets of the file's messages, a letter each. */
static void
expect_sets(const struct filer *f, const char *expected)
{
	g_autoptr(GString) got = g_string_new(NULL);
	g_autofree char *content = NULL;
	gsize len;

	g_assert_true(g_file_get_contents(f->path, &content, &len, NULL));
	for (size_t at = 0; at + 18 < len;
	     at += content[at + 2] << 8 | (uint8_t)content[at + 3])
		g_string_append_c(got, content[at + 17] == 2 ? 'T' : 'D');
	g_assert_cmpstr(got->str, ==, expected);
}

/* Templates once, and again only after they may have been lost. */
static void
test_templates(void)
{
	g_autoptr(GError) error = NULL;
	struct exporter *to;
	struct filer f;

	filer_prepare(&f);
	to = exporter(&f, f.path, &error);
	g_assert_no_error(error);
	filer_limit(0);
	push_flush(to);
	filer_limit(RLIM_INFINITY);
	expect_sets(&f, "");
	for (int i = 0; i < 3; i++)
		push_flush(to);
	expect_sets(&f, "TDDD");
	exporter_free(to);
	filer_teardown(&f);
}

/* Templates that find no room are tried once in a burst. */
static void
test_full(void)
{
	const struct transport_stats *stats;
	struct record record;
	struct exporter *to;
	struct sink sink;
	struct filer f;

	filer_prepare(&f);
	to = exporter(&f, f.path, NULL);
	stats = exporter_stats(to);
	sink = exporter_sink(to);
	records_fill(&record, RECORDS_TCP4);
	filer_limit(0);
	for (int i = 0; i < 100000; i++)
		sink_push(&sink, &record);
	sink_flush(&sink);
	while (exporter_busy(to))
		g_main_context_iteration(NULL, TRUE);
	filer_limit(RLIM_INFINITY);
	expect_sets(&f, "");
	g_assert_cmpuint(stats->records_dropped, ==, 100000);
	for (int i = 0; i < 20; i++)
		g_main_context_iteration(NULL, FALSE);
	g_assert_cmpuint(stats->send_errors, <, 20);
	push_flush(to);
	expect_sets(&f, "TD");
	exporter_free(to);
	filer_teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/exporter/file/error", test_error);
	g_test_add_func("/exporter/file/templates", test_templates);
	g_test_add_func("/exporter/file/full", test_full);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
