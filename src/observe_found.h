/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observe_found.h - what there is to observe at start.
 *
 * For observe's own files only.
 */
#ifndef OBSERVE_FOUND_H
#define OBSERVE_FOUND_H

#include "observe.h"

bool found_is_selected(const struct observe_args *args,
		       const struct iface *iface);

/* The selected rows of TABLE, lent, what is up first; NULL: one that is
 * required is not there. */
GPtrArray *found_all(const struct observe_args *args,
		     const struct iftable *table, GError **error);

#endif
