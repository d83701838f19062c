/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expire_pressure.h"

#include <glib.h>
#include <string.h>

#define RELIEF_NS  (10 * CLOCK_SECOND_NS)
#define TALKING_NS (1 * CLOCK_SECOND_NS)

bool
pressure_load(struct pressure *pressure, uint32_t n_live,
	      const struct instant *now)
{
	pressure->n_live = n_live;
	pressure->n_least = MIN(pressure->n_least, n_live);
	if (n_live <= pressure->max - pressure->max / 4) {
		if (now->boot_ns >= pressure->relieved_ns)
			pressure->on = false;
		return false;
	}
	pressure->relieved_ns = now->boot_ns + RELIEF_NS;
	if (!pressure->on) {
		pressure->on = pressure->urgent = true;
		pressure->chosen = false;
	}
	/* Who only stays full has its scans at their time. */
	return pressure->urgent ||
	       n_live - pressure->n_least > pressure->max / 16;
}

/* The age's leading bit, and the three behind it. */
static uint32_t
class_of(uint32_t age)
{
	uint32_t log2 = 31 - __builtin_clz(age | 1);

	return age < 8 ? age : 8 * (log2 - 2) + (age >> (log2 - 3)) - 8;
}

static uint32_t
least_of(uint32_t class)
{
	return class < 8 ? class : (8 + class % 8) << (class / 8 - 1);
}

void
pressure_scan(struct pressure *pressure, const struct instant *now)
{
	pressure->urgent = false;
	pressure->n_least = pressure->n_live;
	pressure->began = now->tick;
	memset(pressure->n_kept, 0, sizeof(pressure->n_kept));
}

bool
pressure_ends(struct pressure *pressure, uint32_t last,
	      const struct instant *now)
{
	uint32_t age = pressure->began - last;

	if (pressure->chosen && (int32_t)(pressure->before - last) >= 0) {
		pressure->relieved_ns = now->boot_ns + RELIEF_NS;
		return true;
	}
	/* Negative: a packet came since. */
	pressure->n_kept[class_of((int32_t)age < 0 ? 0 : age)]++;
	return false;
}

/* The youngest class that may end; never this very tick, which is not over. */
static uint32_t
first_class(const struct pressure *pressure, const struct instant *now)
{
	if (pressure->n_live > pressure->max)
		return 1;
	return MAX(1, class_of(TALKING_NS / now->tick_ns));
}

void
pressure_choose(struct pressure *pressure, const struct instant *now)
{
	uint32_t first = first_class(pressure, now);
	uint32_t room = pressure->max / 8 * 5;
	uint32_t n_over = 0, n = 0;

	pressure->chosen = false;
	for (uint32_t class = 0; class < PRESSURE_AGES; class ++) {
		n += pressure->n_kept[class];
		if (n <= room || class < first)
			continue;
		n_over += pressure->n_kept[class];
		if (pressure->chosen)
			continue;
		pressure->before = pressure->began - least_of(class);
		pressure->chosen = true;
	}
	pressure->urgent = n_over > pressure->max / 64;
}
