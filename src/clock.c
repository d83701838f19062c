/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"

#include <time.h>

enum { CLOCK_SLACK = 1 << 26 }; /* ticks: 68 s of the shortest */

static uint64_t
read_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * CLOCK_SECOND_NS + (uint64_t)t.tv_nsec;
}

uint64_t
clock_boot_ns(void)
{
	return read_ns(CLOCK_BOOTTIME);
}

uint64_t
clock_wall_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

uint64_t
clock_jiffy_ns(void)
{
	struct timespec t;

	clock_getres(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * CLOCK_SECOND_NS + (uint64_t)t.tv_nsec;
}

uint32_t
clock_age(const struct instant *now, uint32_t tick)
{
	uint32_t age = now->tick - tick;

	/* A packet may be stamped after NOW was read. */
	return age > UINT32_MAX - CLOCK_SLACK ? 0 : age;
}

uint64_t
clock_of_tick(const struct instant *now, uint32_t tick)
{
	uint64_t age_ns = clock_age(now, tick) * now->tick_ns;

	return age_ns < now->boot_ns ? now->boot_ns - age_ns : 0;
}

uint64_t
clock_to_wall(const struct instant *now, uint64_t boot_ns)
{
	return now->wall_ns - (now->boot_ns - boot_ns);
}
