/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cputime.h - the CPU time of this process, the kernel's work for it included.
 */
#ifndef CPUTIME_H
#define CPUTIME_H

#include <time.h>

static inline double
cputime_ns(void)
{
	struct timespec cpu;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	return cpu.tv_sec * 1e9 + cpu.tv_nsec;
}

#endif
