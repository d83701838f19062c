/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expire_policy.h"

#include <glib.h>
#include <string.h>

enum {
	TCP_FIN = 0x01,
	TCP_RST = 0x04,
	LOOK_AGAIN_MS = 10000, /* to see in time what comes next */
};

/* Report before the 32-bit difference wraps. */
#define MANY_PACKETS (1U << 30)

static uint32_t
left_ms(uint64_t age_ns, uint64_t limit_ns)
{
	/* Rounded up: 0 is now. */
	return age_ns < limit_ns
		       ? (limit_ns - age_ns + NS_PER_MS - 1) / NS_PER_MS
		       : 0;
}

/* The flow that way at KEY's interface: leaving where this one comes in; or,
 * as in captures, observed alike.  With the same TOS, or with none, for who
 * answers may not know of it. */
static const struct flow_hot *
find_other(const struct table *table, struct flow_key *other)
{
	const uint8_t direction = other->direction, tos = other->tos;
	const struct flow_hot *found = NULL;

	for (int i = 0; i < 4 && !found; i++) {
		other->direction = i < 2 ? !direction : direction;
		other->tos = i % 2 ? 0 : tos;
		if (i % 2 == 0 || tos)
			found = flowtable_find(table, other);
	}
	return found;
}

/* Whether the other direction is seen, and has not ended. */
static bool
other_goes_on(const struct table *table, const struct flow_key *key)
{
	struct flow_key other = *key;
	const struct flow_hot *found;

	memcpy(other.src_addr, key->dst_addr, sizeof(other.src_addr));
	memcpy(other.dst_addr, key->src_addr, sizeof(other.dst_addr));
	other.src_port = key->dst_port;
	other.dst_port = key->src_port;
	other.marks = 0;
	found = find_other(table, &other);
	return found && !(found->key.marks & (TCP_FIN | TCP_RST));
}

static bool
tcp_has_ended(const struct policy *policy, const struct flow_hot *hot)
{
	return policy->timeouts.tcp_end_ns &&
	       hot->key.protocol == IPPROTO_TCP &&
	       hot->key.marks & (TCP_FIN | TCP_RST);
}

/* Of a flow that saw FIN or RST.  Without the other direction silence tells:
 * who only listens still acknowledges. */
static uint32_t
tcp_left_ms(const struct policy *policy, const struct flow_hot *hot,
	    uint64_t quiet_ns)
{
	uint32_t ms = left_ms(quiet_ns, policy->timeouts.tcp_end_ns);

	if (ms || hot->key.marks & TCP_RST ||
	    !other_goes_on(policy->table, &hot->key))
		return ms;
	return MAX(1, policy->timeouts.tcp_end_ns / NS_PER_MS);
}

/* Since when the flow gathers, for long, or a lot. */
static uint32_t
active_left_ms(const struct policy *policy, uint32_t slot,
	       const struct instant *now)
{
	uint32_t active_ms = policy->timeouts.active_ns / NS_PER_MS;
	const struct flow_hot *hot = &policy->table->hot[slot];
	struct reported *reported = policy->reported;
	uint32_t age_ms = reported_age_ms(policy->table, slot, reported, now);

	if (hot->packets - reported_packets(reported, slot) > MANY_PACKETS)
		return 0;
	return active_ms > age_ms ? active_ms - age_ms : 0;
}

uint32_t
policy_soonest_ms(const struct policy *policy)
{
	const struct expire_timeouts *timeouts = &policy->timeouts;
	uint64_t ns = MIN(timeouts->idle_ns, timeouts->active_ns);

	if (timeouts->tcp_end_ns)
		ns = MIN(ns, timeouts->tcp_end_ns);
	return MIN(ns / NS_PER_MS, LOOK_AGAIN_MS);
}

uint32_t
policy_left_ms(struct policy *policy, uint32_t slot, const struct instant *now,
	       enum end_reason *reason)
{
	const struct flow_hot *hot = &policy->table->hot[slot];
	uint64_t quiet_ns = clock_age_ns(now, hot->last);
	bool tcp = tcp_has_ended(policy, hot);
	uint32_t end_ms = left_ms(quiet_ns, policy->timeouts.idle_ns);
	uint32_t active_ms;

	*reason = tcp ? END_TCP : END_IDLE;
	if (tcp && end_ms)
		end_ms = MIN(end_ms, tcp_left_ms(policy, hot, quiet_ns));
	if (!end_ms)
		return 0;
	*reason = END_LACK;
	if (policy->pressed && pressure_ends(&policy->pressure, hot->last, now))
		return 0;
	*reason = END_ACTIVE;
	active_ms = active_left_ms(policy, slot, now);
	return MIN(end_ms, active_ms);
}

void
policy_count_end(struct stats *stats, enum end_reason reason)
{
	switch (reason) {
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
