/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control socket is asked: test/data/control has requests, a line
 * each, behind what becomes of it.
 */
#include <string.h>

#include "../tap.h"
#include "control_request.h"

static const char *const commands[] = { "status",     "stats", "interfaces",
					"collectors", "flows", "flush",
					"reload" };
static const char *const sorts[] = { "bytes", "packets", "last" };

static void
each_line(const char *name,
	  void (*check)(const char *expected, const char *request))
{
	g_autofree char *path = g_test_build_filename(
		G_TEST_DIST, "test/data/control", name, NULL);
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	guint n = 0;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; **line; line++, n++) {
		g_auto(GStrv) part = g_strsplit(*line, "\t", 2);

		g_test_message("%.200s", *line);
		check(part[0], part[1]);
	}
	g_assert_cmpuint(n, >, 9);
}

static void
check_good(const char *expected, const char *line)
{
	struct control_request request;
	g_autoptr(GError) error = NULL;
	g_autofree char *got = NULL;

	g_assert_true(
		control_request_parse(&request, line, strlen(line), &error));
	g_assert_no_error(error);
	got = g_strdup_printf("%s %u %s", commands[request.command],
			      request.count, sorts[request.sort]);
	g_assert_cmpstr(got, ==, expected);
}

static void
check_bad(const char *expected, const char *line)
{
	struct control_request request;
	g_autoptr(GError) error = NULL;

	g_assert_false(
		control_request_parse(&request, line, strlen(line), &error));
	g_assert_nonnull(strstr(error->message, expected));
}

static void
test_good(void)
{
	each_line("good.txt", check_good);
}

static void
test_bad(void)
{
	each_line("bad.txt", check_bad);
}

/* What no text file has. */
static void
test_octets(void)
{
	static const char nul[] = "{\"command\":\"status\"}\0";
	static const char latin1[] = "{\"command\":\"st\xe4tus\"}";
	struct control_request request;

	g_assert_false(
		control_request_parse(&request, nul, sizeof(nul) - 1, NULL));
	g_assert_true(
		control_request_parse(&request, nul, sizeof(nul) - 2, NULL));
	g_assert_false(control_request_parse(&request, latin1,
					     sizeof(latin1) - 1, NULL));
	for (int i = 0; i < 20000; i++) {
		char line[64];
		size_t len = g_test_rand_int_range(0, sizeof(line));

		for (size_t j = 0; j < len; j++)
			line[j] = g_test_rand_int_range(0, 256);
		g_assert_false(
			control_request_parse(&request, line, len, NULL));
	}
}

static void
add(void)
{
	g_test_add_func("/control-request/good", test_good);
	g_test_add_func("/control-request/bad", test_bad);
	g_test_add_func("/control-request/octets", test_octets);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
