/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sets.h - template sets for tests: those that are shipped, and made of text.
 *
 * Each is the caller's, for template_set_free().
 */
#ifndef SETS_H
#define SETS_H

#include "template.h"

/* templates/NAME.conf. */
struct template_set *sets_shipped(const char *name);

/* What a file called mine.conf says. */
struct template_set *sets_of(const char *text);

/* One element of IPv4, and the options table of that name; NULL: all of them,
 * in their order. */
struct template_set *sets_of_options(const char *table);

#endif
