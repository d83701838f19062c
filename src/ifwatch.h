/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ifwatch.h - keeps the table of interfaces as the kernel has it.
 *
 * It asks over rtnetlink what there is, and then follows what changes from the
 * main loop: links, their names, what they are ports of, their addresses.  When
 * more happens than the socket's buffer holds, the kernel throws messages away
 * and says so; everything is then asked anew, which takes 9 ms for each 1,000
 * interfaces.  Of our network namespace only; needs no privileges.
 */
#ifndef IFWATCH_H
#define IFWATCH_H

#include <glib.h>

#include "iftable.h"

/* Octets of messages that may wait: of some thousand changes. */
#define IFWATCH_BUFFER (4 << 20)

enum ifwatch_event {
	IFWATCH_SEEN,  /* it is new, or something of it has changed */
	IFWATCH_GONE,  /* from this namespace; the row is marked */
	IFWATCH_BARED, /* a clsact qdisc or filter there was removed */
	IFWATCH_LOST,  /* messages were lost; the rows are right again */
};

/* IFACE is lent as iftable.h says; NULL with IFWATCH_LOST. */
typedef void ifwatch_told(void *to, enum ifwatch_event event,
			  const struct iface *iface);

struct ifwatch;

/* Enters every interface into TABLE, lent until ifwatch_free(). */
struct ifwatch *ifwatch_new(struct iftable *table, int buffer, GError **error);
void ifwatch_free(struct ifwatch *watch);

/* From the main loop from now on; nothing between the two is missed. */
void ifwatch_follow(struct ifwatch *watch, ifwatch_told *told, void *to);

#endif
