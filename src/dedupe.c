/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dedupe.h"

#include <glib.h>

#include "dedupe_owner.h"

enum {
	FLUSH_RECORDS = 4096, /* a step: a millisecond with encoding */
	BATCH = 32,	      /* fetched together */
};

struct held {
	struct record record;
	uint64_t hash;
	struct dedupe_flow *flow; /* NULL: not looked up yet, or no room */
	uint32_t point;
	unsigned n_scans; /* that were over since it came */
};

struct dedupe {
	struct dedupe_args args;
	struct dedupe_rules rules;
	struct dedupe_table *table;
	struct held *held;
	uint32_t n_held, n_learned;
	/* While a flush is under way: the next to judge, and how many of those
	 * before it wait for another scan. */
	uint32_t next, n_wait;
	bool ending;
};

static void
make_room(struct dedupe *dedupe)
{
	dedupe->table = dedupe_table_new(dedupe->args.flows_max);
	dedupe->held = g_new(struct held, dedupe->args.held_max);
}

static void
free_room(struct dedupe *dedupe)
{
	g_clear_pointer(&dedupe->table, dedupe_table_free);
	g_clear_pointer(&dedupe->held, g_free);
}

void
dedupe_set(struct dedupe *dedupe, enum dedupe_mode mode, uint64_t expire_ns,
	   uint64_t active_ns)
{
	dedupe->args.mode = mode;
	dedupe->rules = (struct dedupe_rules){
		.iftable = dedupe->args.iftable,
		.expire_ns = expire_ns,
		.active_ns = active_ns,
	};
	if (mode != DEDUPE_OFF && !dedupe->table)
		make_room(dedupe);
}

struct dedupe *
dedupe_new(const struct dedupe_args *args)
{
	struct dedupe *dedupe = g_new0(struct dedupe, 1);

	dedupe->args = *args;
	dedupe_set(dedupe, args->mode, args->expire_ns, args->active_ns);
	return dedupe;
}

void
dedupe_free(struct dedupe *dedupe)
{
	if (!dedupe)
		return;
	free_room(dedupe);
	g_free(dedupe);
}

static void
join(const struct iftable *iftable, const struct held *held,
     struct record *record)
{
	uint32_t in = owner_in(held->flow, record, held->point);
	uint32_t out = owner_out(held->flow, record, held->point);

	record->in = iftable_find_at(iftable, in, record->boot_ns);
	record->out = iftable_find_at(iftable, out, record->boot_ns);
}

static void
count_duplicate(struct stats *stats, const struct record *record)
{
	stats->records_duplicate++;
	stats->packets_duplicate += record->value.packets;
	stats->octets_duplicate += record->value.octets;
}

static void
pass(struct dedupe *dedupe, struct held *held)
{
	const struct dedupe_args *args = &dedupe->args;
	struct record *record = &held->record;

	if (record->duplicate)
		count_duplicate(args->stats, record);
	if (record->duplicate && args->mode != DEDUPE_MARK)
		return;
	if (held->flow && args->mode == DEDUPE_MERGE)
		join(args->iftable, held, record);
	sink_push(&args->sink, record);
}

/* Whether it was decided what becomes of HELD. */
static bool
decide(struct dedupe *dedupe, struct held *held)
{
	enum verdict verdict = VERDICT_PASS;

	if (held->flow)
		verdict = owner_judge(&dedupe->rules, held->flow, &held->record,
				      held->point, held->n_scans);
	if (verdict == VERDICT_WAIT)
		return false;
	if (held->flow)
		held->flow->n_held--;
	held->record.duplicate = verdict == VERDICT_DUPLICATE;
	pass(dedupe, held);
	return true;
}

static void
learn(struct dedupe *dedupe, struct held *held)
{
	const struct record *record = &held->record;

	held->point = owner_point(dedupe->args.iftable, record);
	held->flow = dedupe_table_get(dedupe->table, held->hash, &record->key,
				      record->boot_ns);
	if (!held->flow)
		return;
	owner_learn(&dedupe->rules, held->flow, record, held->point);
	held->flow->n_held++;
}

/* A few at once, so that what they need is there when it is their turn. */
static void
learn_batch(struct dedupe *dedupe)
{
	for (uint32_t i = dedupe->n_learned; i < dedupe->n_held; i++)
		dedupe_table_fetch_flow(dedupe->table, dedupe->held[i].hash);
	for (uint32_t i = dedupe->n_learned; i < dedupe->n_held; i++)
		learn(dedupe, &dedupe->held[i]);
	dedupe->n_learned = dedupe->n_held;
}

static void
hold(struct dedupe *dedupe, struct held *held, const struct record *record)
{
	held->record = *record;
	held->flow = NULL;
	held->n_scans = 0;
	held->hash = dedupe_table_hash(dedupe->table, &record->key);
	dedupe_table_fetch_tags(dedupe->table, held->hash);
}

static void
push(void *to, struct record *record)
{
	struct dedupe *dedupe = to;
	struct held held;

	if (dedupe->args.mode == DEDUPE_OFF) {
		sink_push(&dedupe->args.sink, record);
		return;
	}
	if (dedupe->n_held < dedupe->args.held_max) {
		hold(dedupe, &dedupe->held[dedupe->n_held++], record);
		if (dedupe->n_held - dedupe->n_learned == BATCH)
			learn_batch(dedupe);
		return;
	}
	learn_batch(dedupe);
	hold(dedupe, &held, record);
	learn(dedupe, &held);
	held.n_scans = OWNER_MAX_SCANS;
	dedupe->rules.now_ns = UINT64_MAX;
	decide(dedupe, &held);
}

static void
flush(void *to)
{
	struct dedupe *dedupe = to;
	bool ending = dedupe->ending || dedupe->args.mode == DEDUPE_OFF;
	uint32_t end = MIN(dedupe->n_held, dedupe->next + FLUSH_RECORDS);

	learn_batch(dedupe);
	dedupe->rules.now_ns = ending ? UINT64_MAX : dedupe->args.now_ns();
	for (; dedupe->next < end; dedupe->next++) {
		struct held *held = &dedupe->held[dedupe->next];

		if (dedupe->next + BATCH < dedupe->n_held && held[BATCH].flow)
			dedupe_flow_fetch(held[BATCH].flow);
		held->n_scans = ending ? OWNER_MAX_SCANS : held->n_scans + 1;
		if (!decide(dedupe, held))
			dedupe->held[dedupe->n_wait++] = *held;
	}
	if (end < dedupe->n_held)
		return;
	dedupe->n_held = dedupe->n_learned = dedupe->n_wait;
	dedupe->next = dedupe->n_wait = 0;
	if (dedupe->args.mode == DEDUPE_OFF && !dedupe->n_held)
		free_room(dedupe);
	sink_flush(&dedupe->args.sink);
}

static bool
unfinished(void *to)
{
	const struct dedupe *dedupe = to;

	return dedupe->next;
}

void
dedupe_end(struct dedupe *dedupe)
{
	dedupe->ending = true;
	do
		flush(dedupe);
	while (unfinished(dedupe));
}

struct sink
dedupe_sink(struct dedupe *dedupe)
{
	return (struct sink){
		.push = push,
		.flush = flush,
		.to = dedupe,
		.unfinished = unfinished,
	};
}
