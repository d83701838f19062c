/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timetable.h - when templates, and options data, are due again.
 *
 * Where they may get lost after 1, 5, 15 and 60 s, for a collector may start a
 * moment later than we do, and from then on as often as the user says.
 */
#ifndef TIMETABLE_H
#define TIMETABLE_H

#include <stdbool.h>
#include <stdint.h>

struct timetable;

/* Calls DUE from the loop; EARLY, at those four times first; with EVERY_NS 0
 * only then. */
struct timetable *timetable_new(uint64_t every_ns, bool early,
				void (*due)(void *to), void *to);
void timetable_free(struct timetable *timetable);

/* Whether the machine has been asleep since the timetable was last followed: for
 * its collector, not for its timer, they may be long due. */
bool timetable_slept(const struct timetable *timetable);

/* The collector may have missed them: from the beginning, unless it has only
 * just begun. */
void timetable_again(struct timetable *timetable);

#endif
