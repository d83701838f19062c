/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observe_globs.h - lists of globs on names, as fnmatch(3) has them.
 *
 * For observe's own files only.  NULL-terminated; NULL is a list of none.
 */
#ifndef OBSERVE_GLOBS_H
#define OBSERVE_GLOBS_H

#include <glib.h>
#include <stdbool.h>

bool globs_match(const char *const *globs, const char *name);

/* The first glob that names none of NAMES, or NULL. */
const char *globs_find_idle(const char *const *globs, const GPtrArray *names);

#endif
