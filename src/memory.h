/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.h - what becomes of the program when there is none.
 *
 * Libraries below us use what malloc() gave them without a look, say that
 * a syntax is wrong where it was memory that lacked, or dump core.  So the
 * program has a malloc() of its own, for itself and all of them: libc's, but
 * when that has no block the program ends, with one line and exit status 1. Who
 * wants a large one, though, is told, and can say what for: a queue, a table.
 * Costs a call.
 *
 * Builds with the address or the thread sanitizer have its malloc() instead.
 */
#ifndef MEMORY_H
#define MEMORY_H

/* Large blocks are the kernel's own again when they are freed: left to itself,
 * malloc would soon take their like from the heap. */
void memory_begin(void);

#endif
