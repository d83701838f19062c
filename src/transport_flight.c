/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_flight.h"

struct entry {
	uint32_t n;
	uint32_t len;
	struct tally tally;
};

struct flight {
	struct transport_stats *stats;
	size_t octets;
	uint32_t n_added;
	GQueue entries; /* of struct entry */
};

static struct entry *
pop(struct flight *flight)
{
	struct entry *entry = g_queue_pop_head(&flight->entries);

	flight->octets -= entry->len;
	return entry;
}

static void
arrive(struct flight *flight)
{
	g_autofree struct entry *entry = pop(flight);

	flight->stats->messages_sent++;
	flight->stats->octets_sent += entry->len;
	flight->stats->records_exported += entry->tally.records;
}

void
flight_add(struct flight *flight, const struct message *message)
{
	struct entry *entry = g_new(struct entry, 1);

	*entry = (struct entry){
		.n = flight->n_added++,
		.len = message->len,
		.tally = message->tally,
	};
	flight->octets += entry->len;
	g_queue_push_tail(&flight->entries, entry);
}

uint32_t
flight_n_added(const struct flight *flight)
{
	return flight->n_added;
}

bool
flight_is_empty(const struct flight *flight)
{
	return flight->entries.length == 0;
}

void
flight_settle(struct flight *flight, size_t n_left)
{
	const struct entry *entry;

	while ((entry = g_queue_peek_head(&flight->entries)) &&
	       flight->octets - entry->len >= n_left)
		arrive(flight);
}

void
flight_arrive(struct flight *flight, uint64_t n)
{
	for (; n > 0 && !flight_is_empty(flight); n--)
		arrive(flight);
}

static void
lose(struct flight *flight)
{
	g_autofree struct entry *entry = pop(flight);

	transport_dropped(flight->stats, &entry->tally);
}

void
flight_lose_first(struct flight *flight, uint64_t n)
{
	for (; n > 0 && !flight_is_empty(flight); n--)
		lose(flight);
}

void
flight_lose_one(struct flight *flight, uint32_t n)
{
	struct entry *entry;
	GList *i = flight->entries.head;

	while (i && ((struct entry *)i->data)->n != n)
		i = i->next;
	if (!i)
		return;
	entry = i->data;
	flight->octets -= entry->len;
	transport_dropped(flight->stats, &entry->tally);
	g_free(entry);
	g_queue_delete_link(&flight->entries, i);
}

void
flight_lose(struct flight *flight)
{
	while (!flight_is_empty(flight))
		lose(flight);
}

struct flight *
flight_new(struct transport_stats *stats)
{
	struct flight *flight = g_new0(struct flight, 1);

	flight->stats = stats;
	g_queue_init(&flight->entries);
	return flight;
}

void
flight_free(struct flight *flight)
{
	if (!flight)
		return;
	g_queue_clear_full(&flight->entries, g_free);
	g_free(flight);
}
