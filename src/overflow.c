/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overflow.h"

#include <glib.h>

#include "flowtable.h"
#include "log.h"

enum {
	BATCH = 32,
	STEP_PACKETS = 4096, /* half a millisecond */
};

struct overflow {
	struct overflow_source source;
	struct sink sink;
	struct table *table;
	struct expire *expire;
	bool draining;
	unsigned left; /* packets in this step */
	uint64_t n_taken;
	struct flow_counters counters;
	struct flow_packet batch[BATCH];
	unsigned n_batch;
};

static void
push(void *to, struct record *record)
{
	const struct overflow *overflow = to;

	sink_push(&overflow->sink, record);
}

static void
flush(void *to)
{
	(void)to;
}

struct overflow *
overflow_new(const struct overflow_args *args)
{
	struct overflow *overflow = g_new0(struct overflow, 1);
	const struct sink sink = { .push = push,
				   .flush = flush,
				   .to = overflow };

	overflow->sink = args->sink;
	overflow->source = args->source;
	overflow->table = flowtable_new(args->max, args->extremes);
	overflow->table->tunables.tcp_end = args->timeouts.tcp_end_ns > 0;
	overflow->expire = expire_new(overflow->table, &args->timeouts, &sink,
				      args->stats);
	return overflow;
}

void
overflow_free(struct overflow *overflow)
{
	if (!overflow)
		return;
	expire_free(overflow->expire);
	flowtable_free(overflow->table);
	g_free(overflow);
}

static void
account_batch(struct overflow *overflow)
{
	struct flow_counters *counters = &overflow->counters;
	const struct flow_packet *packet = overflow->batch;
	const struct flow_packet *end = packet + overflow->n_batch;

	while (packet < end) {
		__u64 created = 0;

		packet += flowtable_account_all(overflow->table, packet,
						end - packet, &created);
		counters->flows_created += created;
		if (packet == end)
			break;
		counters->packets_unaccounted += packet->value.packets;
		counters->octets_unaccounted += packet->value.octets;
		packet++;
	}
	overflow->n_batch = 0;
}

/* Copied, since the place in the ring is free when this returns. */
static bool
take(void *to, const struct flow_packet *packet)
{
	struct overflow *overflow = to;

	overflow->batch[overflow->n_batch++] = *packet;
	overflow->n_taken++;
	if (overflow->n_batch == BATCH)
		account_batch(overflow);
	return --overflow->left > 0;
}

/* Whether there may be more. */
static bool
take_some(struct overflow *overflow)
{
	overflow->left = STEP_PACKETS;
	overflow->source.read(overflow->source.from, take, overflow);
	account_batch(overflow);
	return !overflow->left;
}

void
overflow_set(struct overflow *overflow, const struct expire_timeouts *timeouts)
{
	expire_set(overflow->expire, timeouts);
}

void
overflow_begin(struct overflow *overflow, enum expire_scan scan)
{
	if (scan == EXPIRE_DRAIN)
		overflow->draining = true;
	else
		expire_begin(overflow->expire, scan);
}

static void
look_at_load(struct overflow *overflow, const struct instant *now)
{
	bool before = expire_is_pressed(overflow->expire);

	if (expire_load(overflow->expire, overflow->counters.flows_created,
			now))
		expire_begin(overflow->expire, EXPIRE_DUE);
	if (expire_is_pressed(overflow->expire) == before)
		return;
	if (before)
		log_info("second table: room again, no flow ends early");
	else
		log_warning("second table: under pressure: what is quiet "
			    "longest ends early (flows.overflow)");
}

enum expire_state
overflow_step(struct overflow *overflow, const struct instant *now)
{
	bool more = take_some(overflow);
	enum expire_state state;

	look_at_load(overflow, now);
	if (overflow->draining && !more) {
		expire_begin(overflow->expire, EXPIRE_DRAIN);
		overflow->draining = false;
	}
	state = expire_step(overflow->expire, now);
	if (state == EXPIRE_WAITING) {
		expire_grace_over(overflow->expire);
		return EXPIRE_HARVESTING;
	}
	return state == EXPIRE_RESTING && more ? EXPIRE_SCANNING : state;
}

uint64_t
overflow_n_taken(const struct overflow *overflow)
{
	return overflow->n_taken;
}

const struct expire *
overflow_expire(const struct overflow *overflow)
{
	return overflow->expire;
}

bool
overflow_is_pressed(const struct overflow *overflow)
{
	return expire_is_pressed(overflow->expire);
}

void
overflow_count(const struct overflow *overflow, struct flow_counters *counters)
{
#define X(name, help) counters->name += overflow->counters.name;
	FLOW_COUNTERS(X)
#undef X
}
