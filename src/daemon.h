/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon.h - a pipeline at work: signals, the service manager, and its end.
 *
 * SIGTERM and SIGINT take in and export what the kernel holds; SIGUSR1 reports
 * every flow now; SIGHUP reloads (reload.h).
 */
#ifndef DAEMON_H
#define DAEMON_H

#include "config.h"
#include "options.h"

enum { DAEMON_EXIT_USAGE = 2 };

/* Until it is told to stop, or all files are read: the exit status.  CONFIG is
 * its own. */
int daemon_run(const struct options *options, struct config *config);

#endif
