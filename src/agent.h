/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent.h - the address that stands for this exporter, as its meter tells.
 *
 * The user says it, or names the interface whose it is ("%eth0"), or leaves it
 * to us ("auto"): then it is the one that we send from to the first collector
 * over a network, or that it comes to, where we listen.  Routes and interfaces
 * change, so it is looked at again every AGENT_REFRESH_S seconds: three system
 * calls, from the main loop.  All zeros: there is none, yet.
 */
#ifndef AGENT_H
#define AGENT_H

#include <glib.h>

#include "iftable.h"
#include "meter.h"

enum { AGENT_REFRESH_S = 10 };

struct agent_args {
	const char *agent_ip;	       /* as the configuration has it */
	const GPtrArray *collectors;   /* of struct collector */
	const struct iftable *iftable; /* lent */
	struct meter *meter;	       /* lent, and kept up to date */
};

struct agent;

struct agent *agent_new(const struct agent_args *args);
void agent_free(struct agent *agent);

/* Other arguments; a new meter has the address of the one before.  Until a name
 * is looked up, the address is what it was. */
void agent_set(struct agent *agent, const struct agent_args *args);

/* Looks at it now. */
void agent_refresh(struct agent *agent);

#endif
