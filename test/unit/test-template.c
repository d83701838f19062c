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

/* Each complaint has its own file's path in front: "%" here. */
static const struct bad {
	const char *name, *text, *complaints;
} bad[] = {
	{ "unknown-element",
	  "ipv4 = [\n  \"vlanId\",\n  \"nonsense\",\n  \"ipTTL\"\n];\n",
	  "%:3: unknown element \"nonsense\"" },
	{ "unknown-last-element", "ipv4 = [\n  \"vlanId\",\n  \"last\"\n\n];\n",
	  "%:3: unknown element \"last\"" },
	{ "empty-element", "ipv4 = [ \"\" ];", "%:1: unknown element \"\"" },
	{ "no-comma", "ipv4 = [ \"vlanId\"\n \"ipTTL\" ];\n",
	  "%:2: unknown element \"vlanIdipTTL\"" },
	{ "unknown-key", "ipv4 = [ \"vlanId\" ];\nipv5 = [ \"vlanId\" ];\n",
	  "%:2: unknown key ipv5" },
	{ "too-long", "ipv4 = [ \"vlanId:3\" ];",
	  "%:1: \"vlanId:3\": the length is not 1 to 2" },
	{ "length-0", "ipv4 = [ \"vlanId:0\" ];",
	  "%:1: \"vlanId:0\": the length is not 1 to 2" },
	{ "length-empty", "ipv4 = [ \"vlanId:\" ];",
	  "%:1: \"vlanId:\": the length is not 1 to 2" },
	{ "length-word", "ipv4 = [ \"octetDeltaCount:4x\" ];",
	  "%:1: \"octetDeltaCount:4x\": the length is not 1 to 8" },
	{ "length-twice", "ipv4 = [ \"octetDeltaCount:4:4\" ];",
	  "%:1: \"octetDeltaCount:4:4\": the length is not 1 to 8" },
	{ "reduced-address", "ipv4 = [ \"sourceIPv4Address:3\" ];",
	  "%:1: \"sourceIPv4Address:3\": cannot be shortened" },
	{ "reduced-ipv6", "ipv6 = [ \"sourceIPv6Address:8\" ];",
	  "%:1: \"sourceIPv6Address:8\": cannot be shortened" },
	{ "reduced-mac", "ipv4 = [ \"sourceMacAddress:4\" ];",
	  "%:1: \"sourceMacAddress:4\": cannot be shortened" },
	{ "reduced-time", "ipv4 = [ \"flowEndMilliseconds:4\" ];",
	  "%:1: \"flowEndMilliseconds:4\": cannot be shortened" },
	{ "twice",
	  "ipv4 = [ \"vlanId\", \"ipTTL\",\n\"vlanId:1\" ];\n"
	  "ipv6 = [ \"vlanId\" ];",
	  "%:2: ipv4: \"vlanId\" is there twice" },
	{ "other-family",
	  "ipv6 = [ \"vlanId\",\n\"sourceIPv4Address\" ];\n"
	  "ipv4 = [ \"icmpTypeCodeIPv6\" ];",
	  "%:2: ipv6: \"sourceIPv4Address\" is of another family\n"
	  "%:3: ipv4: \"icmpTypeCodeIPv6\" is of another family" },
	{ "string", "\nipv4 = \"vlanId\";",
	  "%:2: ipv4: not a list of element names" },
	{ "group", "ipv4 = { vlanId = 2; };",
	  "%:1: ipv4: not a list of element names" },
	{ "number", "ipv4 = [ 58 ];", "%:1: ipv4: not an element name" },
	{ "nested", "ipv4 = ( \"vlanId\",\n [ \"ipTTL\" ] );",
	  "%:2: ipv4: not an element name" },
	{ "empty-list", "ipv4 = [ \"vlanId\" ];\n\nipv6 = [ ];",
	  "%:3: ipv6: the list is empty" },
	{ "other-family-of-ip", "other = [ \"ipTTL\" ];",
	  "%:1: other: \"ipTTL\" is of another family" },
	{ "reduced-id", "other = [ \"flowId:4\" ];",
	  "%:1: \"flowId:4\": cannot be shortened" },
	{ "options-only", "options = [ \"selector\" ];",
	  "%:1: no list of elements is there" },
	{ "options-word", "ipv4 = [ \"vlanId\" ];\noptions = \"selector\";",
	  "%:2: options: not a list of tables" },
	{ "options-unknown",
	  "ipv4 = [ \"vlanId\" ];\noptions = [ \"selector\",\n\"sampler\" ];",
	  "%:3: unknown options table \"sampler\"" },
	{ "options-number", "ipv4 = [ \"vlanId\" ];\noptions = [ 1 ];",
	  "%:2: options: not a table's name" },
	{ "options-twice",
	  "ipv4 = [ \"vlanId\" ];\noptions = [ \"selector\",\n"
	  "\"selector\" ];",
	  "%:3: options: \"selector\" is there twice" },
	{ "extended-word",
	  "ipv4 = [ \"vlanId\" ];\nnetflow9_extended = \"yes\";",
	  "%:2: netflow9_extended: neither true nor false" },
	{ "empty-file", "", "%:1: no list of elements is there" },
	{ "comment-only", "# nothing\n", "%:1: no list of elements is there" },
	{ "syntax", "ipv4 = [ \"vlanId\" ];\nipv6 = [ \"vlanId\", ];\n",
	  "%:2: syntax error" },
	{ "unclosed", "ipv4 = [ \"vlanId\"\n", "%:2: syntax error" },
	{ "key-twice", "ipv4 = [ \"vlanId\" ];\nipv4 = [ \"ipTTL\" ];\n",
	  "%:2: duplicate setting name" },
	{ "all-of-them",
	  "ipv4 = [\n  \"one\",\n  \"vlanId:9\",\n  \"ipTTL\"\n];\n"
	  "colour = \"red\";\nipv6 = [\n  \"sourceIPv6Address:4\",\n"
	  "  \"ipTTL\",\n  \"ipTTL\"\n];\n",
	  "%:2: unknown element \"one\"\n"
	  "%:3: \"vlanId:9\": the length is not 1 to 2\n"
	  "%:6: unknown key colour\n"
	  "%:8: \"sourceIPv6Address:4\": cannot be shortened\n"
	  "%:10: ipv6: \"ipTTL\" is there twice" },
};

static void
test_bad(struct fixture *f, gconstpointer data)
{
	const struct bad *b = data;
	g_autofree char *path = g_build_filename(f->second, "mine.conf", NULL);
	g_auto(GStrv) parts = g_strsplit(b->complaints, "%", -1);
	g_autofree char *expected = g_strjoinv(path, parts);
	g_autoptr(GError) error = NULL;

	put(f->second, "mine.conf", b->text);
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
	add_one("not-found", NULL, test_not_found);
	add_one("name", NULL, test_name);
	add_one("unreadable", NULL, test_unreadable);
	for (size_t i = 0; i < G_N_ELEMENTS(shipped); i++) {
		g_autofree char *name =
			g_strdup_printf("shipped/%s", shipped[i].name);

		add_one(name, &shipped[i], test_shipped);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *name = g_strdup_printf("bad/%s", bad[i].name);

		add_one(name, &bad[i], test_bad);
	}
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
