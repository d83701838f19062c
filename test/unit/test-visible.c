/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people are shown of others' text.
 */
#include "../tap.h"
#include "visible.h"

static void
expect(char *got, const char *expected)
{
	g_assert_cmpstr(got, ==, expected);
	g_free(got);
}

static void
test_plain(void)
{
	expect(visible(""), "");
	expect(visible("eth0.7 \"a\\b\" \xc3\xbc\xe2\x82\xac"),
	       "eth0.7 \"a\\b\" \xc3\xbc\xe2\x82\xac");
}

/* C0, DEL, C1, and what turns text around. */
static void
test_commands(void)
{
	expect(visible("a\033[2Jb\tc\x7f"), "a\\x1b[2Jb\\x09c\\x7f");
	expect(visible("\xc2\x9b"
		       "31m"),
	       "\\xc2\\x9b31m");
	expect(visible("\xe2\x80\xae"
		       "txt"),
	       "\\xe2\\x80\\xaetxt");
}

static void
test_no_utf8(void)
{
	expect(visible("\xff\xc3"), "\\xff\\xc3");
	expect(visible("\xc0\xaf"), "\\xc0\\xaf");
	expect(visible("\xed\xa0\x80"), "\\xed\\xa0\\x80");
}

static void
test_lines(void)
{
	expect(visible("one\ntwo\r\n"), "one\\x0atwo\\x0d\\x0a");
	expect(visible_lines("one\ntwo\r\n"), "one\ntwo\\x0d\n");
}

static void
add(void)
{
	g_test_add_func("/visible/plain", test_plain);
	g_test_add_func("/visible/commands", test_commands);
	g_test_add_func("/visible/no-utf8", test_no_utf8);
	g_test_add_func("/visible/lines", test_lines);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
