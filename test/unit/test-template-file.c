/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a template set is looked for, and what it includes. */
#include <glib/gstdio.h>
#include <string.h>

#include "../tap.h"
#include "template.h"

/* Two directories, the first of which wins. */
struct fixture {
	char *root, *first, *second;
	const char *dirs[3];
};

static void
setup(struct fixture *f, gconstpointer data)
{
	(void)data;
	f->root = g_dir_make_tmp("test-template-XXXXXX", NULL);
	g_assert_nonnull(f->root);
	f->dirs[0] = f->first = g_build_filename(f->root, "first", NULL);
	f->dirs[1] = f->second = g_build_filename(f->root, "second", NULL);
	g_assert_cmpint(g_mkdir(f->first, 0700), ==, 0);
	g_assert_cmpint(g_mkdir(f->second, 0700), ==, 0);
}

static void
remove_file(const char *dir, const char *name)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);

	g_remove(path);
}

static void
teardown(struct fixture *f, gconstpointer data)
{
	(void)data;
	remove_file(f->first, "mine.conf");
	remove_file(f->first, "part.conf");
	remove_file(f->second, "mine.conf");
	g_assert_cmpint(g_rmdir(f->first), ==, 0);
	g_assert_cmpint(g_rmdir(f->second), ==, 0);
	g_assert_cmpint(g_rmdir(f->root), ==, 0);
	g_free(f->first);
	g_free(f->second);
	g_free(f->root);
}

static void
put(const char *dir, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(dir, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
test_first_dir_wins(struct fixture *f, gconstpointer data)
{
	g_autofree char *second =
		g_build_filename(f->second, "mine.conf", NULL);
	g_autofree char *first = g_build_filename(f->first, "mine.conf", NULL);
	struct template_set *set;

	(void)data;
	put(f->second, "mine.conf", "ipv4 = [ \"vlanId\" ];");
	set = template_set_load("mine", f->dirs, NULL);
	g_assert_nonnull(set);
	g_assert_cmpstr(set->path, ==, second);
	template_set_free(set);

	put(f->first, "mine.conf", "ipv4 = [ \"ipTTL\" ];");
	set = template_set_load("mine", f->dirs, NULL);
	g_assert_nonnull(set);
	g_assert_cmpstr(set->path, ==, first);
	g_assert_cmpstr(set->family[TEMPLATE_IPV4].fields[0].field->name, ==,
			"ipTTL");
	template_set_free(set);
}

/* A bad file in the first directory is not passed over. */
static void
test_bad_file_hides_none(struct fixture *f, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	(void)data;
	put(f->second, "mine.conf", "ipv4 = [ \"vlanId\" ];");
	put(f->first, "mine.conf", "ipv4 = [ \"vlan\" ];");
	g_assert_null(template_set_load("mine", f->dirs, &error));
	g_assert_nonnull(strstr(error->message, "unknown element \"vlan\""));
}

/* An included file is named as it was included. */
static void
test_include(struct fixture *f, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	(void)data;
	put(f->first, "part.conf", "ipv4 = [ \"vlanId\",\n \"oops\" ];\n");
	put(f->first, "mine.conf", "@include \"part.conf\"\n");
	g_assert_null(template_set_load("mine", f->dirs, &error));
	g_assert_cmpstr(error->message, ==,
			"part.conf:2: unknown element \"oops\"");
}

/* libconfig would end the process. */
static void
test_include_directory(struct fixture *f, gconstpointer data)
{
	g_autofree char *expected =
		g_strdup_printf("%s/mine.conf:2: cannot include .: Is a "
				"directory",
				f->first);
	g_autoptr(GError) error = NULL;

	(void)data;
	put(f->first, "mine.conf", "ipv4 = [ \"vlanId\" ];\n@include \".\"\n");
	g_assert_null(template_set_load("mine", f->dirs, &error));
	g_assert_cmpstr(error->message, ==, expected);
}

static void
test_not_found(struct fixture *f, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *expected =
		g_strdup_printf("template set \"mine\": no mine.conf in %s, %s",
				f->first, f->second);

	(void)data;
	g_assert_null(template_set_load("mine", f->dirs, &error));
	g_assert_cmpstr(error->message, ==, expected);
}

static void
check_name(const struct fixture *f, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *expected = g_strdup_printf(
		"template set \"%s\": not a plain file name", name);

	g_assert_null(template_set_load(name, f->dirs, &error));
	g_assert_cmpstr(error->message, ==, expected);
}

static void
test_name(struct fixture *f, gconstpointer data)
{
	(void)data;
	put(f->first, "mine.conf", "ipv4 = [ \"vlanId\" ];");
	check_name(f, "");
	check_name(f, "../first/mine");
	check_name(f, "/mine");
}

/* What cannot be read is named with the reason. */
static void
test_unreadable(struct fixture *f, gconstpointer data)
{
	g_autofree char *path = g_build_filename(f->first, "mine.conf", NULL);
	g_autoptr(GError) error = NULL;

	(void)data;
	put(f->second, "mine.conf", "ipv4 = [ \"vlanId\" ];");
	g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
	g_assert_null(template_set_load("mine", f->dirs, &error));
	g_assert_nonnull(strstr(error->message, path));
	g_assert_nonnull(strstr(error->message, "directory"));
}

#define ADD(name, test)                                                        \
	g_test_add("/template/" name, struct fixture, NULL, setup, test,       \
		   teardown)

static void
add(void)
{
	ADD("first-dir-wins", test_first_dir_wins);
	ADD("bad-file-hides-none", test_bad_file_hides_none);
	ADD("include", test_include);
	ADD("include-directory", test_include_directory);
	ADD("not-found", test_not_found);
	ADD("name", test_name);
	ADD("unreadable", test_unreadable);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
