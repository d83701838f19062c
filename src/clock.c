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
clock_asleep_ns(void)
{
	uint64_t awake_ns = read_ns(CLOCK_MONOTONIC);

	return clock_boot_ns() - awake_ns;
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
clock_age_ns(const struct instant *now, uint32_t tick)
{
	uint64_t age_ns = clock_age(now, tick) * now->tick_ns;

	if (now->slept_ns && (int32_t)(now->slept_tick - tick) >= 0)
		age_ns += now->slept_ns;
	return age_ns;
}

uint64_t
clock_of_tick(const struct instant *now, uint32_t tick)
{
	uint64_t age_ns = clock_age_ns(now, tick);

	return age_ns < now->boot_ns ? now->boot_ns - age_ns : 0;
}

uint64_t
clock_to_wall(const struct instant *now, uint64_t boot_ns)
{
	return now->wall_ns - (now->boot_ns - boot_ns);
}

void
clock_set(struct clock *clock, const struct instant *now)
{
	clock->wall_ns = now->wall_ns - now->boot_ns;
}

void
clock_keep(struct clock *clock, struct instant *now)
{
	const struct instant *last = &clock->last;
	uint64_t passed_ns = now->boot_ns - last->boot_ns;
	uint64_t ticked_ns = (uint64_t)(now->tick - last->tick) * now->tick_ns;

	now->wall_ns = clock->wall_ns + now->boot_ns;
	now->slept_ns = last->slept_ns;
	now->slept_tick = last->slept_tick;
	if (last->boot_ns && passed_ns > ticked_ns + CLOCK_SECOND_NS) {
		now->slept_ns = passed_ns - ticked_ns;
		now->slept_tick = last->tick;
	}
	/* Long ago, when ticks are compared: they are modulo 2^32. */
	if (clock_age(now, now->slept_tick) > UINT32_MAX / 4)
		now->slept_ns = 0;
	clock->last = *now;
}
