/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_top.h - a live view of the daemon, for a terminal.
 *
 * Asks once a second for the status and the biggest flows, and draws them on
 * the whole screen, however large that is; what costs data is red.
 */
#ifndef CTL_TOP_H
#define CTL_TOP_H

#include "ctl_link.h"

/* Until q is pressed: how the program exits. */
int top_run(struct ctl_link *link, GError **error);

#endif
