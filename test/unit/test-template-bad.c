/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with a template file: all of it, each with its line. */
#include <stdio.h>

#include "../tap.h"
#include "template.h"

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
test_bad(gconstpointer data)
{
	const struct bad *b = data;
	g_autofree char *dir = g_dir_make_tmp("test-template-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "mine.conf", NULL);
	g_auto(GStrv) parts = g_strsplit(b->complaints, "%", -1);
	g_autofree char *expected = g_strjoinv(path, parts);
	const char *const dirs[] = { dir, NULL };
	g_autoptr(GError) error = NULL;

	g_assert_true(g_file_set_contents(path, b->text, -1, NULL));
	g_assert_null(template_set_load("mine", dirs, &error));
	g_assert_cmpstr(error->message, ==, expected);
	g_assert_cmpint(remove(path), ==, 0);
	g_assert_cmpint(remove(dir), ==, 0);
}

static void
add(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *path =
			g_strdup_printf("/template/bad/%s", bad[i].name);

		g_test_add_data_func(path, &bad[i], test_bad);
	}
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
