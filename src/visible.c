/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "visible.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

static bool
is_harmless(gunichar c, gunichar also)
{
	return c == also || (g_unichar_validate(c) && g_unichar_isprint(c));
}

static char *
show(const char *text, gunichar also)
{
	GString *out = g_string_new(NULL);

	while (*text) {
		gunichar c = g_utf8_get_char_validated(text, -1);
		int len =
			g_unichar_validate(c) ? g_unichar_to_utf8(c, NULL) : 1;

		if (is_harmless(c, also))
			g_string_append_len(out, text, len);
		else
			for (int i = 0; i < len; i++)
				g_string_append_printf(out, "\\x%02x",
						       (uint8_t)text[i]);
		text += len;
	}
	return g_string_free(out, FALSE);
}

char *
visible(const char *text)
{
	return show(text, 0);
}

char *
visible_lines(const char *text)
{
	return show(text, '\n');
}
