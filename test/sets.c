/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sets.h"

#include <stdio.h>
#include <string.h>

static struct template_set *
load(const char *dir, const char *name)
{
	const char *const dirs[] = { dir, NULL };
	g_autoptr(GError) error = NULL;
	struct template_set *set = template_set_load(name, dirs, &error);

	g_assert_no_error(error);
	return set;
}

struct template_set *
sets_shipped(const char *name)
{
	g_autofree char *dir =
		g_test_build_filename(G_TEST_DIST, "templates", NULL);

	return load(dir, name);
}

struct template_set *
sets_of(const char *text)
{
	g_autofree char *dir = g_dir_make_tmp("test-sets-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "mine.conf", NULL);
	struct template_set *set;

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	set = load(dir, "mine");
	g_assert_cmpint(remove(path), ==, 0);
	g_assert_cmpint(remove(dir), ==, 0);
	return set;
}

struct template_set *
sets_of_options(const char *table)
{
	g_autoptr(GString) text =
		g_string_new("ipv4 = [ \"octetDeltaCount\" ]; options = ( ");

	for (int i = 0; i < OPTIONS_N; i++) {
		const char *name = options_tables[i].name;

		if (!table || strcmp(table, name) == 0)
			g_string_append_printf(text, "%s\"%s\"",
					       table || i == 0 ? "" : ", ",
					       name);
	}
	g_string_append(text, " );");
	return sets_of(text->str);
}
