/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock.h - one instant on every clock that flows are told by.
 *
 * Packets are stamped in ticks of the table's clock (jiffies, 1,024 ns when
 * precise, a microsecond in captures), modulo 2^32, and flows begin in boot
 * time.  Both become wall clock by an instant that knows all three.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND_NS 1000000000ULL

struct instant {
	uint64_t boot_ns; /* CLOCK_BOOTTIME, as flow_origin.first_ns */
	uint64_t wall_ns; /* CLOCK_REALTIME, since the epoch */
	uint64_t tick_ns; /* length of a tick */
	uint32_t tick;	  /* as flow_value.last */
};

uint64_t clock_boot_ns(void);
uint64_t clock_wall_ns(void);

/* The length of a jiffy: the resolution of the coarse clocks, TICK_NSEC. */
uint64_t clock_jiffy_ns(void);

/* Ticks from TICK to NOW; 0 if it lies up to a minute after NOW.  Right for
 * ages below 2^32 ticks less that minute: 70 minutes of the shortest tick. */
uint32_t clock_age(const struct instant *now, uint32_t tick);

/* Boot time of TICK, at or before NOW. */
uint64_t clock_of_tick(const struct instant *now, uint32_t tick);

/* Wall clock of BOOT_NS. */
uint64_t clock_to_wall(const struct instant *now, uint64_t boot_ns);

#endif
