/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe_attach.h - one program at one hook of one interface.
 *
 * TCX (kernel 6.6): a link, gone with its descriptor; before those that are
 * there, since others may end a packet's way.  clsact: a filter under a priority
 * and handle of our own, which outlives a killed process; the next one replaces
 * it.  Several processes may observe an interface.  Programs and filters of
 * others stay as they are, and run: ours always pass the packet on.
 */
#ifndef PROBE_ATTACH_H
#define PROBE_ATTACH_H

#include "probe_hooks.h"

struct attachment;

struct attachment *attachment_new(int program_fd, const struct iface *iface,
				  bool ingress, enum probe_method method,
				  GError **error);

/* Detaches; takes a struct attachment *, for GLib's containers. */
void attachment_free(void *attachment);

bool attachment_is_tcx(const struct attachment *attachment);

/* False: its interface is gone, and perhaps another has its index. */
bool attachment_stands(const struct attachment *attachment);

/* Whether programs that others attached to IFACE by TCX run there, which can
 * end a packet's way before it comes to clsact. */
bool attachment_has_company(const struct iface *iface);

/* Whether packets on IFACE begin with an Ethernet header. */
bool attachment_has_l2(const struct iface *iface);

#endif
