/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template_parse.h - the text of a template set.
 */
#ifndef TEMPLATE_PARSE_H
#define TEMPLATE_PARSE_H

#include <stdbool.h>

#include "template.h"

/* Fills SET, which has its path, from TEXT; false with every complaint, one a
 * line, in *ERROR. */
bool template_parse(struct template_set *set, const char *text, GError **error);

#endif
