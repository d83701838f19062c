/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trial.h - run a program, and say what it took.
 *
 * With all that it starts, also what goes into the background: CPU time is that
 * of all of them together, memory that of the largest.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stdbool.h>

struct trial {
	double cpu_s;
	double memory_mb; /* most that was resident */
	int status;	  /* as wait tells it */
	bool late;	  /* still there after LIMIT_S seconds, and killed */
};

/* Output goes to the file LOG.  False: there is no such program, or it failed,
 * or was late. */
bool trial_run(char **argv, const char *log, unsigned limit_s,
	       struct trial *trial);

#endif
