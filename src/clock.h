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
	/* Boot time goes on while the machine sleeps, and jiffies do not: so
	 * much passed without a tick, last time it slept, after that one. */
	uint64_t slept_ns;
	uint32_t slept_tick;
};

/* What is known from one instant to the next. */
struct clock {
	struct instant last;
	uint64_t wall_ns; /* at boot time 0, when last set */
};

uint64_t clock_boot_ns(void);
uint64_t clock_wall_ns(void);

/* For how long the machine has been asleep, ever: timers do not go on then. */
uint64_t clock_asleep_ns(void);

/* The length of a jiffy: the resolution of the coarse clocks, TICK_NSEC. */
uint64_t clock_jiffy_ns(void);

/* Ticks from TICK to NOW; 0 if it lies up to a minute after NOW.  Right for
 * ages below 2^32 ticks less that minute: 70 minutes of the shortest tick. */
uint32_t clock_age(const struct instant *now, uint32_t tick);

/* The same, slept or not, in nanoseconds. */
uint64_t clock_age_ns(const struct instant *now, uint32_t tick);

/* Boot time of TICK, at or before NOW. */
uint64_t clock_of_tick(const struct instant *now, uint32_t tick);

/* Wall clock of BOOT_NS. */
uint64_t clock_to_wall(const struct instant *now, uint64_t boot_ns);

/*
 * A scan tells all times by one pair of boot and wall clock, so that when the
 * wall clock is set it moves no start against its end, nor one record against
 * another.  NOW gives that pair; later instants take theirs from it.
 */
void clock_set(struct clock *clock, const struct instant *now);
void clock_keep(struct clock *clock, struct instant *now);

#endif
