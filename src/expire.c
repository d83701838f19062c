/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expire.h"

#include <glib.h>
#include <string.h>

enum {
	SCAN_SLOTS = 32768,   /* a step: 0.3 ms of a cold table */
	HARVEST_SLOTS = 4096, /* a step: 1 ms with encoding */
	MIN_CLOSING = 4096,
};

#define NS_PER_MS    1000000
#define MANY_PACKETS (1U << 30) /* report before the 32-bit difference wraps   \
				 */

/* What the daemon knows of a slot beside what the programs write there. */
struct reported {
	uint64_t octets;
	uint32_t packets;
	uint32_t since_ms; /* boot time of the last report; 0: slot not seen */
};

struct closing {
	uint32_t slot : 28;
	uint32_t end_reason : 4;
};

struct expire {
	struct table *table;
	struct expire_timeouts timeouts;
	struct sink sink;
	struct stats *stats;

	enum expire_state state;
	enum expire_scan scan;
	enum expire_scan asked; /* to follow this one; EXPIRE_DUE: none */
	uint32_t next;		/* slot to scan, or closing to harvest */
	uint32_t n_live;	/* seen so far in this scan */
	uint32_t resume; /* slot at which the scan goes on after a harvest */

	struct reported *reported; /* one for each slot */
	struct closing *closing;
	uint32_t n_closing, max_closing;
};

struct expire *
expire_new(struct table *table, const struct expire_timeouts *timeouts,
	   const struct sink *sink, struct stats *stats)
{
	struct expire *expire = g_new0(struct expire, 1);
	uint32_t n_slots = flowtable_n_slots(table);

	expire->table = table;
	expire->timeouts = *timeouts;
	expire->sink = *sink;
	expire->stats = stats;
	expire->reported = g_new0(struct reported, n_slots);
	expire->max_closing = MAX(n_slots / 8, MIN_CLOSING);
	expire->closing = g_new(struct closing, expire->max_closing);
	return expire;
}

void
expire_free(struct expire *expire)
{
	if (!expire)
		return;
	g_free(expire->reported);
	g_free(expire->closing);
	g_free(expire);
}

static uint32_t
to_ms(uint64_t boot_ns)
{
	uint32_t ms = boot_ns / NS_PER_MS;

	return ms ? ms : 1;
}

/* The record of what SLOT has gathered since its last report; false: nothing.
 */
static bool
make_record(const struct expire *expire, uint32_t slot,
	    const struct instant *now, struct record *record)
{
	const struct flow_hot *hot = &expire->table->hot[slot];
	const struct flow_origin *origin = &expire->table->origins[slot];
	struct reported *reported = &expire->reported[slot];
	uint32_t packets = __atomic_load_n(&hot->packets, __ATOMIC_ACQUIRE);
	uint64_t octets = __atomic_load_n(&hot->octets, __ATOMIC_RELAXED);
	uint64_t start_ns = origin->first_ns;
	uint64_t end_ns = clock_of_tick(now, hot->last);
	uint32_t now_ms = to_ms(now->boot_ns);

	if (packets == reported->packets)
		return false;
	if (reported->packets)
		start_ns = now->boot_ns -
			   (uint64_t)(now_ms - reported->since_ms) * NS_PER_MS;
	memset(record, 0, sizeof(*record));
	record->key = hot->key;
	record->key.zero = 0;
	record->value.octets = octets - reported->octets;
	record->value.packets = packets - reported->packets;
	record->value.last = hot->last;
	record->value.tcp_flags = hot->key.zero;
	record->value.origin = *origin;
	record->start_ns = clock_to_wall(now, start_ns);
	record->end_ns = clock_to_wall(now, MAX(start_ns, end_ns));
	reported->octets = octets;
	reported->packets = packets;
	reported->since_ms = now_ms;
	return true;
}

static bool
report(struct expire *expire, uint32_t slot, enum end_reason end_reason,
       const struct instant *now)
{
	struct record record;

	if (!make_record(expire, slot, now, &record))
		return false;
	record.end_reason = end_reason;
	expire->stats->records_made++;
	expire->stats->packets_recorded += record.value.packets;
	expire->stats->octets_recorded += record.value.octets;
	sink_push(&expire->sink, &record);
	return true;
}

static void
count_end(struct stats *stats, enum end_reason end_reason)
{
	switch (end_reason) {
	case END_IDLE:
		stats->flows_ended_idle++;
		break;
	case END_ACTIVE:
		stats->flows_ended_active++;
		break;
	case END_TCP:
		stats->flows_ended_tcp++;
		break;
	case END_FORCED:
		stats->flows_ended_forced++;
		break;
	case END_LACK:
		stats->flows_ended_lack++;
		break;
	}
}

static void
close_slot(struct expire *expire, uint32_t slot, enum end_reason end_reason)
{
	flowtable_close(expire->table, slot);
	expire->closing[expire->n_closing++] = (struct closing){
		.slot = slot,
		.end_reason = end_reason,
	};
	count_end(expire->stats, end_reason);
}

/* Whether a flow has gathered for so long, or so much, that it is reported. */
static bool
is_active_due(const struct expire *expire, uint32_t slot,
	      const struct instant *now)
{
	const struct flow_hot *hot = &expire->table->hot[slot];
	struct reported *reported = &expire->reported[slot];
	uint32_t age_ms;

	if (!reported->since_ms)
		reported->since_ms =
			to_ms(expire->table->origins[slot].first_ns);
	age_ms = to_ms(now->boot_ns) - reported->since_ms;
	if ((int32_t)age_ms < 0) /* it began after NOW was read */
		return false;
	return age_ms >= expire->timeouts.active_ns / NS_PER_MS ||
	       hot->packets - reported->packets > MANY_PACKETS;
}

static void
visit(struct expire *expire, uint32_t slot, const struct instant *now,
      uint32_t idle_ticks)
{
	const struct flow_hot *hot = &expire->table->hot[slot];

	if (expire->scan == EXPIRE_DRAIN) {
		close_slot(expire, slot, END_FORCED);
	} else if (expire->scan == EXPIRE_REPORT) {
		if (report(expire, slot, END_FORCED, now))
			count_end(expire->stats, END_FORCED);
	} else if (clock_age(now, hot->last) >= idle_ticks) {
		close_slot(expire, slot, END_IDLE);
	} else if (is_active_due(expire, slot, now)) {
		if (report(expire, slot, END_ACTIVE, now))
			count_end(expire->stats, END_ACTIVE);
		expire->reported[slot].since_ms = to_ms(now->boot_ns);
	}
}

static void
start_scan(struct expire *expire, enum expire_scan scan)
{
	expire->scan = scan;
	expire->state = EXPIRE_SCANNING;
	expire->next = 0;
	expire->n_live = 0;
}

static void
end_scan(struct expire *expire)
{
	expire->stats->flows_active = expire->n_live;
	sink_flush(&expire->sink);
	expire->state = EXPIRE_RESTING;
	if (expire->asked != EXPIRE_DUE)
		start_scan(expire, expire->asked);
	expire->asked = EXPIRE_DUE;
}

static void
scan_step(struct expire *expire, const struct instant *now)
{
	uint32_t n_slots = flowtable_n_slots(expire->table);
	uint32_t end = MIN(n_slots, expire->next + SCAN_SLOTS);
	uint32_t idle_ticks = MAX(1, expire->timeouts.idle_ns / now->tick_ns);
	uint32_t slot;

	for (slot = expire->next; slot < end; slot++) {
		if (expire->n_closing == expire->max_closing)
			break;
		if (!flowtable_is_live(expire->table, slot))
			continue;
		expire->n_live++;
		visit(expire, slot, now, idle_ticks);
	}
	expire->next = slot;
	if (expire->n_closing == expire->max_closing ||
	    (slot == n_slots && expire->n_closing))
		expire->state = EXPIRE_WAITING;
	else if (slot == n_slots)
		end_scan(expire);
}

static void
harvest_step(struct expire *expire, const struct instant *now)
{
	uint32_t end = MIN(expire->n_closing, expire->next + HARVEST_SLOTS);

	for (; expire->next < end; expire->next++) {
		struct closing closing = expire->closing[expire->next];

		report(expire, closing.slot, closing.end_reason, now);
		memset(&expire->reported[closing.slot], 0,
		       sizeof(*expire->reported));
		flowtable_release(expire->table, closing.slot);
	}
	if (end < expire->n_closing)
		return;
	expire->n_live -= expire->n_closing;
	expire->n_closing = 0;
	expire->next = expire->resume;
	expire->state = EXPIRE_SCANNING;
	if (expire->next == flowtable_n_slots(expire->table))
		end_scan(expire);
}

void
expire_begin(struct expire *expire, enum expire_scan scan)
{
	if (expire->state == EXPIRE_RESTING)
		start_scan(expire, scan);
	else
		expire->asked = MAX(expire->asked, scan);
}

enum expire_state
expire_step(struct expire *expire, const struct instant *now)
{
	if (expire->state == EXPIRE_SCANNING)
		scan_step(expire, now);
	else if (expire->state == EXPIRE_HARVESTING)
		harvest_step(expire, now);
	return expire->state;
}

void
expire_grace_over(struct expire *expire)
{
	g_return_if_fail(expire->state == EXPIRE_WAITING);
	expire->state = EXPIRE_HARVESTING;
	expire->resume = expire->next;
	expire->next = 0;
}
