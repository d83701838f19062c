/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * configured.h - configurations of files and of text, and as text again.
 *
 * Each is the caller's, for config_free(); each text for g_free().
 */
#ifndef CONFIGURED_H
#define CONFIGURED_H

#include "clock.h"
#include "config.h"

#define CONFIGURED_MS (CLOCK_SECOND_NS / 1000)

/* What is wrong with FILE, or NULL with the configuration in *CONFIG. */
char *configured_load(const char *file, struct config **config);

/* Nothing is wrong with it. */
struct config *configured_good(const char *file);
struct config *configured_text(const char *text);

char *configured_dump(const struct config *config);

#endif
