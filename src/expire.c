/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expire.h"

#include <glib.h>
#include <string.h>

#include "expire_record.h"

enum {
	SCAN_BUCKETS = 2048,  /* a step: 0.3 ms of a cold table */
	HARVEST_SLOTS = 4096, /* a step: 1 ms with encoding */
	MIN_CLOSING = 4096,
	PREFETCH = 16,
	LOOK_AGAIN_MS = 10000, /* to see in time what comes next */
};

#define MANY_PACKETS                                                           \
	(1U << 30) /* report before the 32-bit difference wraps                \
		    */

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
	uint32_t next;		/* bucket to scan, or closing to harvest */
	uint32_t resume; /* bucket at which the scan goes on after a harvest */

	struct reported *reported; /* one for each slot */
	/* For each bucket the boot time before which nothing in it is due: a
	 * packet makes what it finds due later, and what it begins later
	 * still.  So a scan touches few of the flows. */
	uint64_t *due_ns;
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
	expire->due_ns = g_new0(uint64_t, table->tunables.n_buckets);
	expire->max_closing = MAX(n_slots / 8, MIN_CLOSING);
	expire->closing = g_new(struct closing, expire->max_closing);
	return expire;
}

void
expire_free(struct expire *expire)
{
	if (!expire)
		return;
	g_free(expire->due_ns);
	g_free(expire->reported);
	g_free(expire->closing);
	g_free(expire);
}

static bool
report(struct expire *expire, uint32_t slot, enum end_reason end_reason,
       const struct instant *now)
{
	struct record record;

	if (!expire_record(expire->table, slot, &expire->reported[slot], now,
			   &record))
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

/* Milliseconds until a flow is to be reported, having gathered for long, or a
 * lot; 0: now. */
static uint32_t
active_left_ms(struct expire *expire, uint32_t slot, const struct instant *now)
{
	uint32_t active_ms = expire->timeouts.active_ns / NS_PER_MS;
	const struct flow_hot *hot = &expire->table->hot[slot];
	struct reported *reported = &expire->reported[slot];
	uint32_t age_ms = reported_age_ms(expire->table, slot, reported, now);

	if (hot->packets - reported->packets > MANY_PACKETS)
		return 0;
	return active_ms > age_ms ? active_ms - age_ms : 0;
}

static uint32_t
idle_left_ms(const struct expire *expire, uint32_t slot,
	     const struct instant *now)
{
	uint64_t age_ns =
		clock_age(now, expire->table->hot[slot].last) * now->tick_ns;
	uint64_t idle_ns = expire->timeouts.idle_ns;

	/* Rounded up: 0 is now. */
	return age_ns < idle_ns ? (idle_ns - age_ns + NS_PER_MS - 1) / NS_PER_MS
				: 0;
}

/* What is due is done; milliseconds until the slot is to be seen again. */
static uint32_t
visit_due(struct expire *expire, uint32_t slot, const struct instant *now)
{
	uint32_t idle_ms = idle_left_ms(expire, slot, now);
	uint32_t active_ms;

	if (!idle_ms) {
		close_slot(expire, slot, END_IDLE);
		return LOOK_AGAIN_MS;
	}
	active_ms = active_left_ms(expire, slot, now);
	if (!active_ms) {
		if (report(expire, slot, END_ACTIVE, now))
			expire->stats->flows_ended_active++;
		reported_anew(&expire->reported[slot], now);
		return 0;
	}
	return MIN(idle_ms, active_ms);
}

static uint32_t
visit(struct expire *expire, uint32_t slot, const struct instant *now)
{
	switch (expire->scan) {
	case EXPIRE_DUE:
		return visit_due(expire, slot, now);
	case EXPIRE_REPORT:
		report(expire, slot, END_FORCED, now);
		break;
	case EXPIRE_LACK:
		close_slot(expire, slot, END_LACK);
		break;
	case EXPIRE_DRAIN:
		close_slot(expire, slot, END_FORCED);
		break;
	}
	return 0;
}

static void
visit_bucket(struct expire *expire, uint32_t bucket, const struct instant *now)
{
	uint32_t slot = bucket * FLOW_BUCKET;
	uint32_t live = flowtable_live(expire->table, bucket);
	/* What begins after this is due no sooner. */
	uint64_t left_ms =
		MIN(expire->timeouts.idle_ns, expire->timeouts.active_ns) /
		NS_PER_MS;

	left_ms = MIN(left_ms, LOOK_AGAIN_MS);
	for (; live; live &= live - 1) {
		uint32_t ms = visit(expire, slot + __builtin_ctz(live), now);

		left_ms = MIN(left_ms, ms);
	}
	expire->due_ns[bucket] = now->boot_ns + left_ms * NS_PER_MS;
}

static void
start_scan(struct expire *expire, enum expire_scan scan)
{
	expire->scan = scan;
	expire->state = EXPIRE_SCANNING;
	expire->next = 0;
}

static void
end_scan(struct expire *expire)
{
	sink_flush(&expire->sink);
	expire->state = EXPIRE_RESTING;
	if (expire->asked != EXPIRE_DUE)
		start_scan(expire, expire->asked);
	expire->asked = EXPIRE_DUE;
}

/* Inline, or the compiler takes it for a function without effect. */
static __always_inline void
prefetch_bucket(const struct expire *expire, uint32_t bucket)
{
	uint32_t live = flowtable_live(expire->table, bucket);
	uint32_t slot = bucket * FLOW_BUCKET;

	if (expire->scan != EXPIRE_DUE)
		return;
	for (; live; live &= live - 1)
		__builtin_prefetch(
			&expire->table->hot[slot + __builtin_ctz(live)]);
}

static void
scan_step(struct expire *expire, const struct instant *now)
{
	uint32_t n_buckets = expire->table->tunables.n_buckets;
	uint32_t n_visited = 0;

	for (; expire->next < n_buckets; expire->next++) {
		if (expire->scan == EXPIRE_DUE &&
		    expire->due_ns[expire->next] > now->boot_ns)
			continue;
		if (expire->n_closing + FLOW_BUCKET > expire->max_closing) {
			expire->state = EXPIRE_WAITING;
			return;
		}
		if (n_visited++ == SCAN_BUCKETS)
			return;
		if (expire->next + 1 < n_buckets)
			prefetch_bucket(expire, expire->next + 1);
		visit_bucket(expire, expire->next, now);
	}
	if (expire->n_closing)
		expire->state = EXPIRE_WAITING;
	else
		end_scan(expire);
}

/* What is to be harvested next lies in lines that are not in the cache: a wait
 * for each was most of a harvest. */
static __always_inline void
prefetch(const struct expire *expire, uint32_t i)
{
	uint32_t slot = expire->closing[i].slot;
	const char *origin = (const char *)&expire->table->origins[slot];

	__builtin_prefetch(&expire->table->hot[slot]);
	__builtin_prefetch(origin);
	__builtin_prefetch(origin + sizeof(struct flow_origin) - 1);
	__builtin_prefetch(&expire->reported[slot], 1);
}

static void
harvest_step(struct expire *expire, const struct instant *now)
{
	uint32_t end = MIN(expire->n_closing, expire->next + HARVEST_SLOTS);

	for (; expire->next < end; expire->next++) {
		struct closing closing = expire->closing[expire->next];

		if (expire->next + PREFETCH < expire->n_closing)
			prefetch(expire, expire->next + PREFETCH);
		report(expire, closing.slot, closing.end_reason, now);
		memset(&expire->reported[closing.slot], 0,
		       sizeof(*expire->reported));
		flowtable_release(expire->table, closing.slot);
	}
	if (end < expire->n_closing)
		return;
	expire->n_closing = 0;
	expire->next = expire->resume;
	expire->state = EXPIRE_SCANNING;
	if (expire->next == expire->table->tunables.n_buckets)
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
