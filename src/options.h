/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h - the command line, taken apart.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "log.h"

enum options_do {
	OPTIONS_RUN,
	OPTIONS_TEST, /* --test */
	OPTIONS_DUMP, /* --dump */
	OPTIONS_DONE, /* --help or --version was answered */
};

enum options_print { PRINT_NONE, PRINT_TEXT, PRINT_JSON };

struct options {
	enum options_do what;
	char *config; /* NULL: not given, SYSCONFDIR/flowexport.conf */
	GPtrArray
		*interfaces; /* of char *, globs; empty: the configured ones */
	GPtrArray *collectors; /* of char *, URLs; empty: the configured ones */
	GPtrArray *files;      /* of char *, captures; empty: live */
	enum options_print print;
	uint64_t duration_ns; /* 0: until stopped */
	enum log_level log_level;
};

/* NULL: bad usage, *ERROR says what.  ARGV is not changed. */
struct options *options_parse(int argc, char *const *argv, GError **error);
void options_free(struct options *options);

#endif
