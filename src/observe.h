/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observe.h - which interfaces are observed: globs on names, to the probe.
 *
 * The globs decide of an interface when it comes, and again when it gets
 * another name; it is attached to whether it is up or not, so that its first
 * packet is seen.  What goes away is detached from.
 */
#ifndef OBSERVE_H
#define OBSERVE_H

#include <glib.h>
#include <stdbool.h>

#include "iftable.h"
#include "ifwatch.h"
#include "probe_hooks.h"

/* Globs as fnmatch(3) has them, NULL-terminated, lent. */
struct observe_args {
	const char *const *include;
	const char *const *exclude;  /* stronger than include */
	const char *const *required; /* each must name an interface; or NULL */
	struct hooks_what what;
};

struct observe;

/* How it stands with an interface. */
struct observe_state {
	const struct iface *iface; /* lent */
	bool selected;		   /* by the globs */
	const char *how;	   /* "tcx" or "tc"; NULL: not attached */
	const char *error;	   /* why not, lent; NULL: not tried yet */
	bool ingress, egress;	   /* what is observed of each */
};

/* Attaches PROBE to the interfaces of TABLE, to one at once and to the others
 * beside the main loop; then the log says how many there are.  Fails when all
 * of those that there are fail.  One that fails later is a line in the log; for
 * want of files or memory, it is tried again every few seconds. */
struct observe *observe_new(const struct observe_args *args,
			    const struct iftable *table,
			    const struct probe *probe, GError **error);
void observe_free(struct observe *observe);

/* Other arguments: what they do not select any longer is left, and what they do
 * now is attached to.  What stays selected stays attached to as it is, but for
 * other directions.  Where attaching has failed it is tried again. */
void observe_set(struct observe *observe, const struct observe_args *args);

/* What ifwatch tells, to a struct observe. */
ifwatch_told observe_told;

/* Calls EACH for every interface, selected or not, in order of index. */
void observe_each(const struct observe *observe,
		  void (*each)(const struct observe_state *state, void *to),
		  void *to);

/* Observes nothing any longer, and calls DONE when this is so. */
void observe_stop(struct observe *observe, void (*done)(void *to), void *to);

#endif
