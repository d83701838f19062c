/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe_hooks.h - the interfaces that a probe's programs hang on.
 *
 * One thread beside the main loop attaches and detaches, in the order in which
 * it was told to, for either may wait for the kernel's network lock, and TCX
 * waits for an RCU grace period while it holds that lock: 8 ms for each
 * direction of an interface, both ways, and no sooner with more threads.  A
 * clsact filter takes 0.1 ms.
 */
#ifndef PROBE_HOOKS_H
#define PROBE_HOOKS_H

#include "iftable.h"
#include "probe.h"

enum probe_method {
	PROBE_AUTO, /* TCX where the kernel has it (6.6), else clsact */
	PROBE_TCX,
	PROBE_TC,
};

/* With PROBE_AUTO so many interfaces get TCX, which take a second; more get
 * clsact, but where TCX programs of others might hide packets from it. */
#define HOOKS_MAX_AUTO_TCX 64

struct hooks_what {
	bool ingress, egress;
	enum probe_method method;
};

struct hooks_args {
	struct hooks_what what;
	/* Called from the main loop for what was begun with
	 * hooks_attach_begin(): HOW is "tcx" or "tc", or NULL with an ERROR.
	 * IFACE is a copy of the row as it was. */
	void (*attached)(void *to, const struct iface *iface, const char *how,
			 const GError *error);
	void *to;
};

struct hooks;

/* PROBE is lent until hooks_free(), which detaches what is attached. */
struct hooks *hooks_new(const struct probe *probe,
			const struct hooks_args *args, GError **error);
void hooks_free(struct hooks *hooks);

/* Here and now, before anything is begun: "tcx" or "tc", or NULL. */
const char *hooks_attach(struct hooks *hooks, const struct iface *iface,
			 GError **error);

/* From now on.  What is attached stays so until hooks_attach_begin(), which
 * then goes by the directions, but not by the method. */
void hooks_set(struct hooks *hooks, const struct hooks_what *what);

/* If it is attached already, this sees to it that it truly is.  What is asked
 * for again before it was begun is done, and told, once: however often somebody
 * asks, no more waits than there are interfaces. */
void hooks_attach_begin(struct hooks *hooks, const struct iface *iface);
void hooks_detach_begin(struct hooks *hooks, const struct iface *iface);

/* Somebody removed a qdisc or a filter there.  If that was ours, it is attached
 * again in HOOKS_CHECK_MS: who removes it may make another one first. */
enum { HOOKS_CHECK_MS = 1000 };

void hooks_check_begin(struct hooks *hooks, const struct iface *iface);

/* Nothing is attached from now on; DONE is called when nothing is any more. */
void hooks_detach_all(struct hooks *hooks, void (*done)(void *to), void *to);

#endif
