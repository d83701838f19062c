/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observe.h - which interfaces are observed: globs on names, to the probe.
 */
#ifndef OBSERVE_H
#define OBSERVE_H

#include <glib.h>
#include <stdbool.h>

#include "iftable.h"
#include "probe.h"

/* Globs as fnmatch(3) has them, NULL-terminated. */
struct observe {
	const char *const *include;
	const char *const *exclude;  /* stronger than include */
	const char *const *required; /* each must name an interface; or NULL */
	bool ingress, egress;
	enum probe_method method;
};

/* Attaches PROBE to every interface of TABLE that WHAT selects.  One that
 * cannot be attached is a line in the log; false if that leaves none. */
bool observe_all(const struct observe *what, const struct iftable *table,
		 struct probe *probe, GError **error);

#endif
