/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe_hold.h - an interface that a probe's programs hang on.
 *
 * For probe_hooks only, in its thread, or before there is one.
 */
#ifndef PROBE_HOLD_H
#define PROBE_HOLD_H

#include "probe_hooks.h"

/* What all have in common. */
struct hold_means {
	const struct probe *probe;
	struct hooks_what what;
	guint n_tcx; /* of holds, with TCX */
};

struct hold;

/* Of nothing yet.  MEANS are lent. */
struct hold *hold_new(struct hold_means *means);

/* Detaches what is attached. */
void hold_free(struct hold *hold);

/* What is not wanted any longer is detached, what is missing attached. */
bool hold_attach(struct hold *hold, const struct iface *iface, GError **error);

/* Whether what we attached is there. */
bool hold_stands(const struct hold *hold);

/* "tcx" or "tc". */
const char *hold_method(const struct hold *hold);

#endif
