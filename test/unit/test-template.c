/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "../records.h"
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
check_field(const struct template *template, size_t i, const char *name,
	    uint16_t length)
{
	g_assert_cmpuint(i, <, template->n_fields);
	g_assert_cmpstr(template->fields[i].field->name, ==, name);
	g_assert_cmpint(template->fields[i].length, ==, length);
}

static void
test_good(struct fixture *f, gconstpointer data)
{
	const struct template *ipv4, *ipv6;
	struct template_set *set;
	struct record record;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(f->first, "mine.conf", NULL);

	(void)data;
	put(f->first, "mine.conf",
	    "# two families, both kinds of brackets\n"
	    "ipv4 = [ \"octetDeltaCount:5\", \"sourceIPv4Address:4\",\n"
	    "  \"tcpControlBits:1\", \"vlanId\" ];\n"
	    "ipv6 : ( \"flowStartMilliseconds\" )\n");
	set = template_set_load("mine", f->dirs, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(set->name, ==, "mine");
	g_assert_cmpstr(set->path, ==, path);

	records_fill(&record, RECORDS_TCP4);
	ipv4 = template_for(set, &record);
	g_assert_cmpuint(ipv4->n_fields, ==, 4);
	g_assert_cmpuint(ipv4->len, ==, 12);
	check_field(ipv4, 0, "octetDeltaCount", 5);
	check_field(ipv4, 1, "sourceIPv4Address", 4);
	check_field(ipv4, 2, "tcpControlBits", 1);
	check_field(ipv4, 3, "vlanId", 2);

	records_fill(&record, RECORDS_UDP6);
	ipv6 = template_for(set, &record);
	g_assert_cmpuint(ipv6->n_fields, ==, 1);
	g_assert_cmpuint(ipv6->len, ==, 8);
	check_field(ipv6, 0, "flowStartMilliseconds", 8);
	template_set_free(set);
}

static void
test_one_family(struct fixture *f, gconstpointer data)
{
	struct template_set *set;
	struct record record;

	(void)data;
	put(f->first, "mine.conf", "ipv6 = [ \"sourceIPv6Address\" ]");
	set = template_set_load("mine", f->dirs, NULL);
	g_assert_nonnull(set);
	records_fill(&record, RECORDS_TCP4);
	g_assert_cmpuint(template_for(set, &record)->n_fields, ==, 0);
	template_set_free(set);
}

/* Options tables and the rest of a set that no family has. */
static void
test_options(struct fixture *f, gconstpointer data)
{
	struct template_set *set;
	const struct template *template;

	(void)data;
	put(f->first, "mine.conf",
	    "options = [ \"interfaceList\", \"samplingInterval\" ];\n"
	    "netflow9_extended = true;\n"
	    "other = [ \"ethernetType\", \"interfaceName:7\" ];\n");
	set = template_set_load("mine", f->dirs, NULL);
	g_assert_nonnull(set);
	g_assert_true(set->netflow9_extended);
	g_assert_cmpuint(set->family[TEMPLATE_OTHER].len, ==, 9);
	template = &set->options[OPTIONS_INTERFACE_LIST];
	g_assert_true(template ==
		      &set->all[TEMPLATE_OF_OPTIONS(OPTIONS_INTERFACE_LIST)]);
	g_assert_cmpuint(template->n_scope, ==, 1);
	g_assert_cmpuint(template->len, ==, 24);
	check_field(template, 0, "observationDomainId", 4);
	check_field(template, 1, "ingressInterface", 4);
	check_field(template, 2, "interfaceDescription", 16);
	g_assert_cmpuint(set->options[OPTIONS_SAMPLING_INTERVAL].n_fields, ==,
			 2);
	g_assert_cmpuint(set->options[OPTIONS_SELECTOR].n_fields, ==, 0);
	template_set_free(set);
}

static void
test_first_dir_wins(struct fixture *f, gconstpointer data)
{
	struct template_set *set;

	(void)data;
	put(f->second, "mine.conf", "ipv4 = [ \"vlanId\" ];");
	set = template_set_load("mine", f->dirs, NULL);
	g_assert_nonnull(set);
	g_assert_true(g_str_has_prefix(set->path, f->second));
	template_set_free(set);

	put(f->first, "mine.conf", "ipv4 = [ \"ipTTL\" ];");
	set = template_set_load("mine", f->dirs, NULL);
	g_assert_nonnull(set);
	g_assert_true(g_str_has_prefix(set->path, f->first));
	check_field(&set->family[TEMPLATE_IPV4], 0, "ipTTL", 1);
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

/* Reverse elements need something that has a direction (RFC 5103 4). */
static void
test_biflow(struct fixture *f, gconstpointer data)
{
	struct template_field tf[] = { { field_find("octetDeltaCount"), 8 },
				       { field_find("sourceIPv6Address"),
					 16 } };
	struct template_set set = {
		.name = (char *)"odd",
		.family[TEMPLATE_IPV6] = { tf, 2, 24 },
	};
	g_autoptr(GError) error = NULL;

	(void)f;
	(void)data;
	g_assert_false(template_set_add_biflow(&set, &error));
	g_assert_cmpstr(error->message, ==,
			"template set \"odd\": biflow needs both addresses "
			"among its IPv6 elements");
}

/* The sets that are shipped: octets of a record in each family, and how many
 * options tables there are. */
static const struct shipped {
	const char *name;
	size_t len[TEMPLATE_N_FAMILIES];
	int n_options;
} shipped[] = {
	{ "standard", { 60, 84, 0 }, OPTIONS_N },
	{ "minimal", { 48, 72, 0 }, 1 },
	{ "full", { 151, 179, 122 }, OPTIONS_N },
};

static void
test_shipped(struct fixture *f, gconstpointer data)
{
	const struct shipped *expected = data;
	g_autofree char *dir =
		g_test_build_filename(G_TEST_DIST, "templates", NULL);
	const char *const dirs[] = { f->first, dir, NULL };
	g_autoptr(GError) error = NULL;
	struct template_set *set =
		template_set_load(expected->name, dirs, &error);
	int n_options = 0;

	g_assert_no_error(error);
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++)
		g_assert_cmpuint(set->family[i].len, ==, expected->len[i]);
	for (int i = 0; i < OPTIONS_N; i++)
		n_options += set->options[i].n_fields > 0;
	g_assert_cmpint(n_options, ==, expected->n_options);
	g_assert_false(set->netflow9_extended);
	template_set_free(set);
}

static void
add_one(const char *name, gconstpointer data,
	void (*test)(struct fixture *f, gconstpointer data))
{
	g_autofree char *path = g_strdup_printf("/template/%s", name);

	g_test_add(path, struct fixture, data, setup, test, teardown);
}

static void
add(void)
{
	add_one("good", NULL, test_good);
	add_one("one-family", NULL, test_one_family);
	add_one("options", NULL, test_options);
	add_one("first-dir-wins", NULL, test_first_dir_wins);
	add_one("bad-file-hides-none", NULL, test_bad_file_hides_none);
	add_one("include", NULL, test_include);
	add_one("include-directory", NULL, test_include_directory);
	add_one("not-found", NULL, test_not_found);
	add_one("name", NULL, test_name);
	add_one("unreadable", NULL, test_unreadable);
	add_one("biflow", NULL, test_biflow);
	for (size_t i = 0; i < G_N_ELEMENTS(shipped); i++) {
		g_autofree char *name =
			g_strdup_printf("shipped/%s", shipped[i].name);

		add_one(name, &shipped[i], test_shipped);
	}
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
