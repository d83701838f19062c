/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privilege.h - no more rights than observing takes.
 *
 * A daemon that is started as root goes on as another user that keeps CAP_BPF,
 * CAP_NET_ADMIN and CAP_PERFMON: interfaces come and go as long as it runs.
 * Capabilities are a thread's own, so it is done before there are others.
 */
#ifndef PRIVILEGE_H
#define PRIVILEGE_H

#include <glib.h>
#include <stdbool.h>

/* There is nothing to do where USER is "" or we are not root.  The default user
 * need not exist: then we stay, and say so. */
bool privilege_drop(const char *user, GError **error);

#endif
