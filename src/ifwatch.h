/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ifwatch.h - asks the kernel, over rtnetlink, which interfaces there are.
 */
#ifndef IFWATCH_H
#define IFWATCH_H

#include <glib.h>
#include <stdbool.h>

#include "iftable.h"

/* Enters every interface of our network namespace into TABLE; needs no
 * privileges. */
bool ifwatch_dump(struct iftable *table, GError **error);

#endif
