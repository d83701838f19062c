/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observe_seen.h - the interfaces that are selected, and what became of each.
 *
 * For observe's own files only.
 */
#ifndef OBSERVE_SEEN_H
#define OBSERVE_SEEN_H

#include <glib.h>
#include <stdbool.h>

#include "iftable.h"

enum seen_state {
	SEEN_NOT, /* not selected */
	SEEN_ASKED,
	SEEN_ATTACHED,
	SEEN_FAILED,
};

struct seen {
	enum seen_state state;
	const char *how; /* SEEN_ATTACHED */
	char *error;	 /* SEEN_FAILED */
	bool may_pass;	 /* the same: it is worth another try */
};

/* index → struct seen */
GHashTable *seen_new(void);

/* NULL: it is not selected. */
const struct seen *seen_find(GHashTable *all, const struct iface *iface);
enum seen_state seen_state(GHashTable *all, const struct iface *iface);

void seen_set(GHashTable *all, const struct iface *iface, enum seen_state state,
	      const char *how, const GError *error);
void seen_forget(GHashTable *all, const struct iface *iface);

guint seen_count(GHashTable *all, enum seen_state state);

#endif
