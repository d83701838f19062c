/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config_text.h - what libconfig would get wrong, found before it reads.
 *
 * libconfig 1.5 calls exit() when a directory is included, and reads 4294967297
 * as 1: it keeps 32 bits of a number unless an L follows.  For everybody who
 * has libconfig read a file.
 */
#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include <glib.h>

/* The whole text of FILE; NULL when it cannot be read, or when libconfig would
 * misread or die of it or of what it includes: COMPLAINTS says why. */
char *config_text(const char *file, const char *include_dir,
		  GString *complaints);

/* Adds such complaints about TEXT, which is FILE's, a line each. */
void config_text_check(const char *text, const char *file,
		       const char *include_dir, GString *complaints);

#endif
