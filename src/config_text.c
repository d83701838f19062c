/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 10 /* deeper includes are an error to libconfig, too */

/* As much of libconfig's grammar as it takes to look first. */
static const char tokens[] = "\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\""
			     "|(?:#|//)[^\n]*"
			     "|/\\*.*?\\*/"
			     "|@include[ \t]+\"(?<include>[^\"\n]*)\""
			     "|[A-Za-z*][-\\w*]*"
			     "|(?<number>[0-9.][\\w.]*)";

static bool
is_wrapped(const char *number)
{
	bool hex = number[0] == '0' && (number[1] | 0x20) == 'x';
	char *end;
	uint64_t n = g_ascii_strtoull(number, &end, hex ? 16 : 10);

	return *end == '\0' && n > INT32_MAX;
}

/* To its end or its first NUL, which counts in LEN.  By stream and not by size:
 * pipes are welcome. */
static char *
read_text(const char *path, size_t *len)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!in)
		return NULL;
	ssize_t n = getdelim(&text, &size, '\0', in);
	bool empty = feof(in);
	int saved = errno;
	fclose(in);
	*len = n < 0 ? 0 : (size_t)n;
	if (n >= 0)
		return text;
	g_free(text);
	errno = saved;
	return empty ? g_strdup("") : NULL;
}

struct scan {
	GRegex *tokens;
	const char *include_dir;
	GString *complaints;
	bool too_deep; /* libconfig will say where */
};

static void scan_text(struct scan *scan, const char *name, const char *text,
		      int depth);

static void
scan_include(struct scan *scan, const char *name, unsigned line,
	     const char *include, int depth)
{
	g_autofree char *path =
		g_build_filename(scan->include_dir, include, NULL);
	size_t len;
	g_autofree char *text = read_text(path, &len);

	if (text)
		scan_text(scan, include, text, depth + 1);
	else if (errno == EISDIR)
		g_string_append_printf(scan->complaints,
				       "%s:%u: cannot include %s: %s\n", name,
				       line, include, g_strerror(errno));
}

/* What GROUP matched, which may be ""; NULL: it has no part in the match. */
static char *
fetch(const GMatchInfo *match, const char *group)
{
	int start;

	g_match_info_fetch_named_pos(match, group, &start, NULL);
	return start < 0 ? NULL : g_match_info_fetch_named(match, group);
}

static void
scan_text(struct scan *scan, const char *name, const char *text, int depth)
{
	g_autoptr(GMatchInfo) match = NULL;
	unsigned line = 1;
	int at = 0, start;

	scan->too_deep |= depth > MAX_DEPTH;
	g_regex_match(scan->tokens, text, 0, &match);
	for (; !scan->too_deep && g_match_info_matches(match);
	     g_match_info_next(match, NULL)) {
		g_autofree char *include = fetch(match, "include");
		g_autofree char *number = fetch(match, "number");

		g_match_info_fetch_pos(match, 0, &start, NULL);
		for (; at < start; at++)
			line += text[at] == '\n';
		if (include)
			scan_include(scan, name, line, include, depth);
		if (number && is_wrapped(number))
			g_string_append_printf(
				scan->complaints,
				"%s:%u: %s needs an L behind it: %sL\n", name,
				line, number, number);
	}
}

void
config_text_check(const char *text, const char *file, const char *include_dir,
		  GString *complaints)
{
	g_autoptr(GRegex) regex =
		g_regex_new(tokens, G_REGEX_RAW | G_REGEX_DOTALL, 0, NULL);
	struct scan scan = { regex, include_dir, complaints, false };

	scan_text(&scan, file, text, 0);
}

char *
config_text(const char *file, const char *include_dir, GString *complaints)
{
	size_t len;
	g_autofree char *text = read_text(file, &len);

	if (!text)
		g_string_append_printf(complaints, "%s: %s\n", file,
				       g_strerror(errno));
	else if (strlen(text) < len)
		g_string_append_printf(complaints, "%s: holds a NUL octet\n",
				       file);
	else
		config_text_check(text, file, include_dir, complaints);
	return complaints->len ? NULL : g_steal_pointer(&text);
}
