/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "../tap.h"
#include "library.h"

struct calls {
	__typeof__(strlen) *length;
	__typeof__(strchr) *find;
};

static const char *const names[] = { "strlen", "strchr" };

static void
test_load(void)
{
	struct calls calls;
	GError *error = NULL;

	g_assert_true(library_load("libc.so.6", names, 2, &calls, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(calls.length("three"), ==, 5);
	g_assert_cmpstr(calls.find("three", 'r'), ==, "ree");
}

static void
test_no_library(void)
{
	struct calls calls = { 0 };
	GError *error = NULL;

	g_assert_false(
		library_load("libnothing.so.7", names, 2, &calls, &error));
	g_assert_nonnull(strstr(error->message, "libnothing.so.7: "));
	g_assert_null(calls.length);
	g_error_free(error);
}

/* All of it or nothing. */
static void
test_no_call(void)
{
	const char *const strange[] = { "strlen", "strnothing" };
	struct calls calls = { 0 };
	GError *error = NULL;

	g_assert_false(library_load("libc.so.6", strange, 2, &calls, &error));
	g_assert_nonnull(strstr(error->message, "strnothing"));
	g_assert_null(calls.length);
	g_error_free(error);
}

static void
add(void)
{
	g_test_add_func("/library/load", test_load);
	g_test_add_func("/library/no-library", test_no_library);
	g_test_add_func("/library/no-call", test_no_call);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
