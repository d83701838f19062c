/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * files.h - how many files we may have open.
 *
 * To ask first is for libraries that cannot bear to find none: libzmq dumps
 * core, libbpf takes it for a kernel that lacks something.
 */
#ifndef FILES_H
#define FILES_H

#include <glib.h>
#include <stdbool.h>

/* As many as the hard limit has it. */
void files_lift(void);

/* Whether N more can be opened now.  Costs three system calls for each. */
bool files_left(guint n, GError **error);

#endif
