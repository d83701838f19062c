/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "visible.h"

static enum log_level log_max = LOG_LEVEL_INFO;

static const char *const journal_prefix[] = {
	[LOG_LEVEL_ERROR] = "<3>",
	[LOG_LEVEL_WARNING] = "<4>",
	[LOG_LEVEL_INFO] = "<6>",
	[LOG_LEVEL_DEBUG] = "<7>",
};

void
log_set_level(enum log_level level)
{
	log_max = level;
}

/* The variable is inherited: it only counts while stderr is that very stream
 * (systemd.exec(5), JOURNAL_STREAM). */
static bool
stderr_is_journal(void)
{
	const char *journal = getenv("JOURNAL_STREAM");
	struct stat st;
	char own[64];

	if (!journal || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev,
		 (uintmax_t)st.st_ino);
	return strcmp(journal, own) == 0;
}

static const char *
prefix_of(enum log_level level)
{
	return stderr_is_journal() ? journal_prefix[level] : "flowexport: ";
}

/* Whether there was anybody to be told. */
static bool
put(const char *text)
{
	return write(STDERR_FILENO, text, strlen(text)) >= 0;
}

void
log_line(enum log_level level, const char *format, ...)
{
	va_list args;

	if (level > log_max)
		return;
	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);

	const char *prefix = prefix_of(level);
	g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
	for (char **line = lines; *line; line++) {
		g_autofree char *shown = visible(*line);
		g_autofree char *out = g_strconcat(prefix, shown, "\n", NULL);

		if (!put(out))
			return;
	}
}

void
log_no_memory(void)
{
	char line[64];

	snprintf(line, sizeof(line), "%sout of memory\n",
		 prefix_of(LOG_LEVEL_ERROR));
	put(line);
}

/* Its errors are the end, for want of memory above all: there may be none for a
 * line of ours. */
static void
on_glib_error(const char *text)
{
	static bool again;

	if (!again) {
		again = true;
		log_error("%s", text);
	} else {
		log_no_memory();
	}
	_exit(EXIT_FAILURE);
}

static void
on_glib(const char *domain, GLogLevelFlags flags, const char *text, void *to)
{
	(void)domain;
	(void)to;
	if (flags & G_LOG_LEVEL_ERROR)
		on_glib_error(text);
	log_line(flags & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)
			 ? LOG_LEVEL_WARNING
			 : LOG_LEVEL_DEBUG,
		 "%s", text);
}

void
log_take_glib(void)
{
	g_log_set_default_handler(on_glib, NULL);
}
