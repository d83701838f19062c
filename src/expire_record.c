/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expire_record.h"

#include <glib.h>
#include <string.h>

static uint32_t
to_ms(uint64_t boot_ns)
{
	uint32_t ms = boot_ns / NS_PER_MS;

	return ms ? ms : 1;
}

void
reported_anew(struct reported *reported, const struct instant *now)
{
	reported->since_ms = to_ms(now->boot_ns);
}

uint32_t
reported_age_ms(const struct table *table, uint32_t slot,
		struct reported *reported, const struct instant *now)
{
	uint32_t age_ms;

	if (!reported->since_ms)
		reported->since_ms = to_ms(table->origins[slot].first_ns);
	age_ms = to_ms(now->boot_ns) - reported->since_ms;
	/* Negative: it began after NOW was read. */
	return (int32_t)age_ms < 0 ? 0 : age_ms;
}

bool
expire_record(const struct table *table, uint32_t slot,
	      struct reported *reported, const struct instant *now,
	      struct record *record)
{
	const struct flow_hot *hot = &table->hot[slot];
	const struct flow_origin *origin = &table->origins[slot];
	/* A packet may have come after NOW was read. */
	uint64_t start_ns = MIN(origin->first_ns, now->boot_ns);
	uint64_t end_ns = clock_of_tick(now, hot->last);
	uint32_t now_ms = to_ms(now->boot_ns);
	struct flow_packet flow;

	flowtable_read(table, slot, &flow);
	if (flow.value.packets == reported->packets)
		return false;
	if (reported->packets)
		start_ns = now->boot_ns -
			   (uint64_t)(now_ms - reported->since_ms) * NS_PER_MS;
	else if (flow.value.packets == 1)
		end_ns = start_ns; /* which is known better than to a tick */
	memset(record, 0, sizeof(*record));
	record->key = flow.key;
	record->value = flow.value;
	record->value.octets -= reported->octets;
	record->value.packets -= reported->packets;
	record->total_octets = flow.value.octets;
	record->total_packets = flow.value.packets;
	record->start_ns = clock_to_wall(now, start_ns);
	record->end_ns = clock_to_wall(now, MAX(start_ns, end_ns));
	reported->octets = flow.value.octets;
	reported->packets = flow.value.packets;
	reported_anew(reported, now);
	return true;
}
