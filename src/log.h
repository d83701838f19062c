/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - lines for the operator, on standard error.
 *
 * error: cannot go on.  warning: something is lost or degraded, and what to
 * look at.  info: started, stopped, a link or collector changed.  debug: the
 * rest.  Lower case, subject first: "collector main: connection refused".
 * With the journal prefixes of sd-daemon(3) when stderr is the journal.  Others'
 * names in it are made visible, but for ends of lines: none may have any.
 */
#ifndef LOG_H
#define LOG_H

#include <glib.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* Lines above LEVEL are not written; the default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

void log_line(enum log_level level, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

/* The last line there is: it takes no memory. */
void log_no_memory(void);

/* What GLib has to say goes the same way from now on; where it cannot go on, out
 * of memory for one, we exit with 1 instead of dumping core. */
void log_take_glib(void);

#define log_error(...)	 log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)	 log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
