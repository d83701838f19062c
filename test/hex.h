/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hex.h - octets as the test's author wrote them out by hand.
 */
#ifndef HEX_H
#define HEX_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* EXPECTED is lower-case hex; blanks in it are for the reader. */
static inline void
hex_check(const uint8_t *data, size_t len, const char *expected)
{
	g_autoptr(GString) got = g_string_new(NULL);
	g_auto(GStrv) parts = g_strsplit(expected, " ", -1);
	g_autofree char *joined = g_strjoinv("", parts);

	for (size_t i = 0; i < len; i++)
		g_string_append_printf(got, "%02x", data[i]);
	g_assert_cmpstr(got->str, ==, joined);
}

/* Appends the octets that TEXT spells; blanks are for the reader. */
static inline void
hex_append(GByteArray *octets, const char *text)
{
	uint8_t octet = 0;
	int digits = 0;

	for (; *text; text++) {
		if (*text == ' ')
			continue;
		g_assert_true(g_ascii_isxdigit(*text));
		octet = octet << 4 | g_ascii_xdigit_value(*text);
		if (++digits % 2 == 0)
			g_byte_array_append(octets, &octet, 1);
	}
	g_assert_cmpint(digits % 2, ==, 0);
}

#endif
