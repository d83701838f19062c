/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "biflow.h"

#include <glib.h>
#include <string.h>

#include "clock.h"

/* Between whom: the lower end first, so that both directions have the same. */
struct ends {
	uint8_t addr[2][16];
	uint16_t port[2];
	uint8_t protocol;
	uint8_t family;
	uint16_t zero;
};

struct pair {
	struct ends ends;
	GList link; /* of one of the two queues */
	uint64_t since_ns;
	uint8_t source;	   /* of the ends */
	uint8_t direction; /* enum biflow_direction */
	bool known;	   /* who the source is: they were joined */
	bool holds;
	struct record record; /* if it holds one */
};

struct biflow {
	uint32_t max;
	struct sink sink;
	uint64_t *joined;
	GHashTable *pairs; /* of struct pair, by its ends */
	GQueue waiting;	   /* those that hold one, and ... */
	GQueue quiet;	   /* the others; the oldest first */
	uint64_t now_ns;
	guint timer; /* live */
};

static guint
hash(gconstpointer ends)
{
	const uint32_t *words = ends;
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(struct ends) / sizeof(*words); i++)
		sum = (sum ^ words[i]) * 0x9e3779b97f4a7c15ULL;
	return sum >> 32;
}

static gboolean
equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct ends)) == 0;
}

/* Which end KEY's source is. */
static int
fill_ends(struct ends *ends, const struct flow_key *key)
{
	int order = memcmp(key->src_addr, key->dst_addr, 16)
			    ?: (int)key->src_port - key->dst_port;
	int source = order > 0;

	memset(ends, 0, sizeof(*ends));
	memcpy(ends->addr[source], key->src_addr, 16);
	memcpy(ends->addr[!source], key->dst_addr, 16);
	ends->port[source] = key->src_port;
	ends->port[!source] = key->dst_port;
	ends->protocol = key->protocol;
	ends->family = key->family;
	return source;
}

static GQueue *
queue_of(struct biflow *biflow, const struct pair *pair)
{
	return pair->holds ? &biflow->waiting : &biflow->quiet;
}

static void
forget(struct biflow *biflow, struct pair *pair)
{
	g_queue_unlink(queue_of(biflow, pair), &pair->link);
	g_hash_table_remove(biflow->pairs, &pair->ends);
}

/* To the end of its queue, which may be the other one. */
static void
touch(struct biflow *biflow, struct pair *pair, bool holds)
{
	g_queue_unlink(queue_of(biflow, pair), &pair->link);
	pair->holds = holds;
	pair->since_ns = biflow->now_ns;
	g_queue_push_tail_link(queue_of(biflow, pair), &pair->link);
}

/* What it holds goes on alone. */
static void
let_go(struct biflow *biflow, struct pair *pair)
{
	struct record record = pair->record;

	if (pair->known)
		touch(biflow, pair, false);
	else
		forget(biflow, pair);
	sink_push(&biflow->sink, &record);
}

static struct pair *
oldest(const struct biflow *biflow, GQueue *queue, uint64_t age_ns)
{
	struct pair *pair = g_queue_peek_head(queue);

	return pair && pair->since_ns + age_ns <= biflow->now_ns ? pair : NULL;
}

static void
pass(struct biflow *biflow, uint64_t now_ns)
{
	struct pair *pair;

	if (now_ns <= biflow->now_ns)
		return;
	biflow->now_ns = now_ns;
	while ((pair = oldest(biflow, &biflow->waiting, BIFLOW_HOLD_NS)))
		let_go(biflow, pair);
	while ((pair = oldest(biflow, &biflow->quiet, BIFLOW_MEMORY_NS)))
		forget(biflow, pair);
}

static void
make_room(struct biflow *biflow)
{
	struct pair *pair;

	if (g_hash_table_size(biflow->pairs) < biflow->max)
		return;
	pair = g_queue_peek_head(&biflow->quiet)
		       ?: g_queue_peek_head(&biflow->waiting);
	pair->known = false;
	if (pair->holds)
		let_go(biflow, pair);
	else
		forget(biflow, pair);
}

static struct pair *
add(struct biflow *biflow, const struct ends *ends)
{
	struct pair *pair;

	make_room(biflow);
	pair = g_new0(struct pair, 1);
	pair->ends = *ends;
	pair->link.data = pair;
	g_queue_push_tail_link(&biflow->quiet, &pair->link);
	g_hash_table_insert(biflow->pairs, &pair->ends, pair);
	return pair;
}

static void
hold(struct biflow *biflow, struct pair *pair, const struct record *record)
{
	pair->record = *record;
	touch(biflow, pair, true);
}

/* Who sends first, when the two meet for the first time. */
static void
decide(struct pair *pair, const struct record *other, int source)
{
	uint64_t held_ns = pair->record.value.origin.first_ns;
	uint64_t other_ns = other->value.origin.first_ns;

	pair->known = true;
	pair->direction =
		held_ns == other_ns ? BIFLOW_ARBITRARY : BIFLOW_INITIATOR;
	if (held_ns == other_ns)
		pair->source = 0;
	else
		pair->source = held_ns < other_ns ? !source : source;
}

static void
add_reverse(struct record *record, const struct record *reverse,
	    uint8_t direction)
{
	record->reverse = (struct record_reverse){
		.octets = reverse->value.octets,
		.packets = reverse->value.packets,
		.tcp_flags = reverse->value.tcp_flags,
		.tos = reverse->key.tos,
		.start_ns = reverse->start_ns,
		.end_ns = reverse->end_ns,
		.biflow = direction,
	};
}

/* The held record and that of the other direction, whose source is an end. */
static void
join(struct biflow *biflow, struct pair *pair, const struct record *other,
     int source)
{
	struct record record;

	if (!pair->known)
		decide(pair, other, source);
	if (pair->source == source) {
		record = *other;
		add_reverse(&record, &pair->record, pair->direction);
	} else {
		record = pair->record;
		add_reverse(&record, other, pair->direction);
	}
	touch(biflow, pair, false);
	(*biflow->joined)++;
	sink_push(&biflow->sink, &record);
}

static bool
can_join(const struct record *record)
{
	const struct flow_key *key = &record->key;

	return (key->src_port || key->dst_port) && key->family != FLOW_OTHER &&
	       !record_is_icmp(record) && !record_is_stray_icmp(record) &&
	       !record->duplicate;
}

static void
push(void *to, struct record *record)
{
	struct biflow *biflow = to;
	struct ends ends;
	struct pair *pair;
	int source;

	pass(biflow, biflow->timer ? clock_boot_ns() : record->end_ns);
	if (!can_join(record)) {
		sink_push(&biflow->sink, record);
		return;
	}
	source = fill_ends(&ends, &record->key);
	pair = g_hash_table_lookup(biflow->pairs, &ends) ?: add(biflow, &ends);
	if (!pair->holds) {
		hold(biflow, pair, record);
		return;
	}
	if (fill_ends(&ends, &pair->record.key) != source) {
		join(biflow, pair, record, source);
		return;
	}
	/* Again the same direction: the first has waited in vain. */
	sink_push(&biflow->sink, &pair->record);
	hold(biflow, pair, record);
}

static void
flush(void *to)
{
	struct biflow *biflow = to;

	sink_flush(&biflow->sink);
}

static gboolean
on_timer(gpointer data)
{
	struct biflow *biflow = data;

	pass(biflow, clock_boot_ns());
	sink_flush(&biflow->sink);
	return G_SOURCE_CONTINUE;
}

void
biflow_release(struct biflow *biflow)
{
	struct pair *pair;

	while ((pair = g_queue_peek_head(&biflow->waiting)))
		let_go(biflow, pair);
	sink_flush(&biflow->sink);
}

struct sink
biflow_sink(struct biflow *biflow)
{
	return (struct sink){ push, flush, biflow };
}

struct biflow *
biflow_new(uint32_t max, bool live, const struct sink *sink, uint64_t *joined)
{
	struct biflow *biflow = g_new0(struct biflow, 1);

	biflow->max = max;
	biflow->sink = *sink;
	biflow->joined = joined;
	biflow->pairs = g_hash_table_new_full(hash, equal, NULL, g_free);
	if (live)
		biflow->timer = g_timeout_add_seconds(1, on_timer, biflow);
	return biflow;
}

void
biflow_free(struct biflow *biflow)
{
	if (!biflow)
		return;
	g_clear_handle_id(&biflow->timer, g_source_remove);
	g_hash_table_unref(biflow->pairs);
	g_free(biflow);
}
