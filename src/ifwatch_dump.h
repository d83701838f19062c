/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ifwatch_dump.h - asks rtnetlink for all that there is of something.
 *
 * For ifwatch's own files only.  By a socket of its own, so that what changes
 * meanwhile waits in the other one, and is read later.  Blocks: 9 ms for 1,000
 * links.
 */
#ifndef IFWATCH_DUMP_H
#define IFWATCH_DUMP_H

#include <libmnl/libmnl.h>

/* TYPE: RTM_GETLINK or RTM_GETADDR; EACH is called for every message.  0 or a
 * negative errno; EINTR: something changed meanwhile, and the kernel may have
 * left something out. */
int ifwatch_dump(uint16_t type, mnl_cb_t each, void *to);

#endif
