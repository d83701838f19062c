/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expire_record.h"

#include <glib.h>
#include <stddef.h>
#include <string.h>

void
reported_init(struct reported *reported, uint32_t n_slots)
{
	reported->since_ms = g_new0(uint32_t, n_slots);
	reported->sum = g_new0(struct reported_sum, n_slots);
}

void
reported_clear(struct reported *reported)
{
	g_free(reported->since_ms);
	g_free(reported->sum);
}

static uint32_t
to_ms(uint64_t boot_ns)
{
	uint32_t ms = boot_ns / NS_PER_MS & ~REPORTED_BEFORE;

	return ms ? ms : 1;
}

/* Modulo 2^31.  Negative is none: it began after NOW was read. */
static uint32_t
age_of(uint32_t since_ms, const struct instant *now)
{
	uint32_t age_ms = (to_ms(now->boot_ns) - since_ms) & ~REPORTED_BEFORE;

	return age_ms > (REPORTED_BEFORE >> 1) ? 0 : age_ms;
}

void
reported_anew(struct reported *reported, uint32_t slot,
	      const struct instant *now)
{
	reported->since_ms[slot] &= REPORTED_BEFORE;
	reported->since_ms[slot] |= to_ms(now->boot_ns);
}

uint32_t
reported_age_ms(const struct table *table, uint32_t slot,
		struct reported *reported, const struct instant *now)
{
	uint32_t *since_ms = &reported->since_ms[slot];

	if (!*since_ms)
		*since_ms = to_ms(table->origins[slot].first_ns);
	return age_of(*since_ms, now);
}

void
reported_note(struct reported *reported, uint32_t slot,
	      const struct record *record)
{
	reported->sum[slot].octets = record->total_octets;
	reported->sum[slot].packets = record->total_packets;
	reported->since_ms[slot] |= REPORTED_BEFORE;
}

/* Leaves what came since the last report, at which it starts. */
static void
subtract(struct record *record, const struct reported *reported, uint32_t slot,
	 const struct instant *now, uint64_t *start_ns)
{
	record->value.octets -= reported->sum[slot].octets;
	record->value.packets -= reported->sum[slot].packets;
	*start_ns = now->boot_ns -
		    age_of(reported->since_ms[slot], now) * NS_PER_MS;
}

bool
expire_record(const struct table *table, uint32_t slot,
	      const struct reported *reported, const struct instant *now,
	      struct record *record)
{
	struct flow_value *value = &record->value;
	uint64_t start_ns, end_ns;

	flowtable_read(table, slot, &record->key, value);
	memset(&record->start_ns, 0,
	       sizeof(*record) - offsetof(struct record, start_ns));
	record->total_octets = value->octets;
	record->total_packets = value->packets;
	/* A packet may have come after NOW was read. */
	start_ns = MIN(value->origin.first_ns, now->boot_ns);
	end_ns = clock_of_tick(now, value->last);
	if (reported->since_ms[slot] & REPORTED_BEFORE)
		subtract(record, reported, slot, now, &start_ns);
	else if (value->packets == 1)
		end_ns = start_ns; /* which is known better than to a tick */
	record->boot_ns = MAX(start_ns, end_ns);
	record->start_ns = clock_to_wall(now, start_ns);
	record->end_ns = clock_to_wall(now, record->boot_ns);
	return record->value.packets;
}
