/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reload.h - the configuration read again, and put in force while we run.
 *
 * All of it is read and checked, and what can fail is made ready, before
 * anything changes.  Takes some milliseconds of the main loop, and is over when
 * it returns: what remains, to attach and detach and to deliver what collectors
 * that go were to get, is done beside the loop.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include "config.h"
#include "options.h"
#include "pipeline.h"

struct reload;

/* CONFIG, which PIPELINE was made with, is ours now; the others are lent. */
struct reload *reload_new(const struct options *options, struct config *config,
			  struct pipeline *pipeline);
void reload_free(struct reload *reload);

/* From now on, nothing is: WHY says what a request is told. */
void reload_refuse(struct reload *reload, const char *why);

/* True: the new configuration is in force, and SAID has a line for each key
 * that takes a restart; else it has every complaint, as --test has them, and
 * nothing has changed.  The log has these lines, too. */
bool reload_run(struct reload *reload, GString *said);

#endif
