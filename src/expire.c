/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expire.h"

#include <glib.h>
#include <string.h>

#include "expire_policy.h"

enum {
	SCAN_BUCKETS = 2048, /* a step: 0.3 ms of a cold table */
	STEP_RECORDS = 1024, /* a step: 0.5 ms with encoding */
	MIN_CLOSING = 4096,
	PREFETCH = 16,
};

struct closing {
	uint32_t slot : 28;
	uint32_t end_reason : 4;
};

struct expire {
	struct table *table;
	struct policy policy;
	struct sink sink;
	struct stats *stats;

	enum expire_state state;
	enum expire_scan scan;
	bool begun;		/* the scan had its first step */
	bool changed;		/* the timeouts have */
	bool looks_at_all;	/* this scan does */
	enum expire_scan asked; /* to follow this one; EXPIRE_DUE: none */
	uint32_t next;		/* bucket to scan, or closing to harvest */
	uint32_t resume; /* bucket at which the scan goes on after a harvest */

	struct reported reported;
	/* For each bucket the boot time before which nothing in it is due: a
	 * packet makes what it finds due later, and what it begins later
	 * still.  So a scan touches few of the flows. */
	uint64_t *due_ns;
	struct closing *closing;
	uint32_t n_closing, max_closing;
	uint64_t n_closed; /* ever */
};

struct expire *
expire_new(struct table *table, const struct expire_timeouts *timeouts,
	   const struct sink *sink, struct stats *stats)
{
	struct expire *expire = g_new0(struct expire, 1);
	uint32_t n_slots = flowtable_n_slots(table);

	expire->table = table;
	expire->sink = *sink;
	expire->stats = stats;
	reported_init(&expire->reported, n_slots);
	expire->policy = (struct policy){
		.table = table,
		.reported = &expire->reported,
		.timeouts = *timeouts,
		.pressure.max = n_slots / FLOWTABLE_SLOTS_PER_FLOW,
	};
	expire->due_ns = g_new0(uint64_t, flowtable_n_buckets(table));
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
	reported_clear(&expire->reported);
	g_free(expire->closing);
	g_free(expire);
}

static bool
report(struct expire *expire, uint32_t slot, enum end_reason end_reason,
       const struct instant *now)
{
	struct record record;

	if (!expire_record(expire->table, slot, &expire->reported, now,
			   &record))
		return false;
	if (expire->state != EXPIRE_HARVESTING) {
		reported_note(&expire->reported, slot, &record);
		reported_anew(&expire->reported, slot, now);
	}
	record.end_reason = end_reason;
	expire->stats->records_made++;
	expire->stats->packets_recorded += record.value.packets;
	expire->stats->octets_recorded += record.value.octets;
	sink_push(&expire->sink, &record);
	return true;
}

static void
close_slot(struct expire *expire, uint32_t slot, enum end_reason end_reason)
{
	flowtable_close(expire->table, slot);
	expire->closing[expire->n_closing++] = (struct closing){
		.slot = slot,
		.end_reason = end_reason,
	};
	expire->n_closed++;
	policy_count_end(expire->stats, end_reason);
}

/* What is due is done; milliseconds until the slot is to be seen again. */
static uint32_t
visit_due(struct expire *expire, uint32_t slot, const struct instant *now)
{
	enum end_reason reason;
	uint32_t ms = policy_left_ms(&expire->policy, slot, now, &reason);

	if (ms)
		return ms;
	if (reason != END_ACTIVE) {
		close_slot(expire, slot, reason);
		return UINT32_MAX;
	}
	if (report(expire, slot, END_ACTIVE, now))
		expire->stats->flows_ended_active++;
	reported_anew(&expire->reported, slot, now);
	return 0;
}

static uint32_t
visit(struct expire *expire, uint32_t slot, const struct instant *now)
{
	if (flowtable_has_ended(expire->table, slot) &&
	    expire->scan != EXPIRE_REPORT) {
		close_slot(expire, slot, END_TCP);
		return UINT32_MAX;
	}
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
	uint32_t open = flowtable_open(expire->table, bucket);
	uint64_t left_ms = policy_soonest_ms(&expire->policy);

	for (; open; open &= open - 1) {
		uint32_t ms = visit(expire, slot + __builtin_ctz(open), now);

		left_ms = MIN(left_ms, ms);
	}
	expire->due_ns[bucket] = now->boot_ns + left_ms * NS_PER_MS;
}

static void
start_scan(struct expire *expire, enum expire_scan scan)
{
	expire->scan = scan;
	expire->begun = false;
	expire->state = EXPIRE_SCANNING;
	expire->next = 0;
}

static void
begin_scan(struct expire *expire, const struct instant *now)
{
	struct policy *policy = &expire->policy;

	expire->begun = true;
	expire->looks_at_all = expire->changed;
	expire->changed = false;
	policy->pressed = expire->scan == EXPIRE_DUE && policy->pressure.on;
	if (policy->pressed)
		pressure_scan(&policy->pressure, now);
}

static void
end_scan(struct expire *expire, const struct instant *now)
{
	if (expire->policy.pressed)
		pressure_choose(&expire->policy.pressure, now);
	expire->policy.pressed = false;
	if (!sink_flush(&expire->sink))
		return; /* until the next step harvests nothing, and is back */
	expire->state = EXPIRE_RESTING;
	if (expire->asked != EXPIRE_DUE)
		start_scan(expire, expire->asked);
	expire->asked = EXPIRE_DUE;
}

/* Inline, or the compiler takes it for a function without effect. */
static __always_inline void
prefetch_bucket(const struct expire *expire, uint32_t bucket)
{
	uint32_t open = flowtable_open(expire->table, bucket);
	uint32_t slot = bucket * FLOW_BUCKET;

	if (expire->scan != EXPIRE_DUE)
		return;
	for (; open; open &= open - 1)
		__builtin_prefetch(
			&expire->table->hot[slot + __builtin_ctz(open)]);
}

static bool
is_due(const struct expire *expire, uint32_t bucket, const struct instant *now)
{
	return expire->scan != EXPIRE_DUE || expire->policy.pressed ||
	       expire->looks_at_all || expire->due_ns[bucket] <= now->boot_ns;
}

static void
scan_step(struct expire *expire, const struct instant *now)
{
	uint32_t n_buckets = flowtable_n_buckets(expire->table);
	uint64_t most = expire->stats->records_made + STEP_RECORDS;
	uint32_t n_visited = 0;

	if (!expire->begun)
		begin_scan(expire, now);
	for (; expire->next < n_buckets; expire->next++) {
		if (!is_due(expire, expire->next, now))
			continue;
		if (expire->n_closing + FLOW_BUCKET > expire->max_closing) {
			expire->state = EXPIRE_WAITING;
			return;
		}
		if (n_visited++ == SCAN_BUCKETS ||
		    expire->stats->records_made >= most)
			return;
		if (expire->next + 1 < n_buckets)
			prefetch_bucket(expire, expire->next + 1);
		visit_bucket(expire, expire->next, now);
	}
	expire->resume = n_buckets;
	expire->state = expire->n_closing ? EXPIRE_WAITING : EXPIRE_HARVESTING;
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
	__builtin_prefetch(&expire->reported.since_ms[slot], 1);
}

static void
harvest_step(struct expire *expire, const struct instant *now)
{
	uint32_t end = MIN(expire->n_closing, expire->next + STEP_RECORDS);

	for (; expire->next < end; expire->next++) {
		struct closing closing = expire->closing[expire->next];

		if (expire->next + PREFETCH < expire->n_closing)
			prefetch(expire, expire->next + PREFETCH);
		report(expire, closing.slot, closing.end_reason, now);
		reported_forget(&expire->reported, closing.slot);
		flowtable_release(expire->table, closing.slot);
	}
	if (end < expire->n_closing)
		return;
	expire->n_closing = 0;
	expire->next = expire->resume;
	if (expire->next == flowtable_n_buckets(expire->table))
		end_scan(expire, now);
	else
		expire->state = EXPIRE_SCANNING;
}

void
expire_set(struct expire *expire, const struct expire_timeouts *timeouts)
{
	expire->policy.timeouts = *timeouts;
	expire->changed = true;
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

bool
expire_load(struct expire *expire, uint64_t n_created,
	    const struct instant *now)
{
	uint64_t n_live = n_created - expire->n_closed;

	return pressure_load(&expire->policy.pressure, n_live, now);
}

bool
expire_is_pressed(const struct expire *expire)
{
	return expire->policy.pressure.on;
}

struct expire_view
expire_look(const struct expire *expire)
{
	return (struct expire_view){ expire->table, &expire->reported };
}
