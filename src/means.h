/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * means.h - how many files and threads there may be.
 *
 * To ask first is for libraries that cannot bear to find none: libzmq dumps
 * core, libbpf takes it for a kernel that lacks something.
 */
#ifndef MEANS_H
#define MEANS_H

#include <glib.h>
#include <stdbool.h>

/* As many files as the hard limit has it. */
void means_lift(void);

/* Whether N more can be opened now.  Costs three system calls for each. */
bool means_files(guint n, GError **error);

/* Whether N more threads can be had now.  Costs their beginning and end. */
bool means_threads(guint n, GError **error);

/* A thread that does what is pushed, one after the other: it is there from now
 * on, for there may be none when it is needed. */
GThreadPool *means_worker(GFunc run, GError **error);

#endif
