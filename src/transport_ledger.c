/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_ledger.h"

struct entry {
	uint32_t n;
	uint32_t len;
	struct tally tally;
};

struct ledger {
	struct transport_stats *stats;
	size_t octets;
	uint32_t n_added;
	GQueue entries; /* of struct entry */
};

static struct entry *
pop(struct ledger *ledger)
{
	struct entry *entry = g_queue_pop_head(&ledger->entries);

	ledger->octets -= entry->len;
	return entry;
}

static void
arrive(struct ledger *ledger)
{
	g_autofree struct entry *entry = pop(ledger);

	ledger->stats->messages_sent++;
	ledger->stats->octets_sent += entry->len;
	ledger->stats->records_exported += entry->tally.records;
}

void
ledger_add(struct ledger *ledger, const struct message *message)
{
	struct entry *entry = g_new(struct entry, 1);

	*entry = (struct entry){
		.n = ledger->n_added++,
		.len = message->len,
		.tally = message->tally,
	};
	ledger->octets += entry->len;
	g_queue_push_tail(&ledger->entries, entry);
}

uint32_t
ledger_n_added(const struct ledger *ledger)
{
	return ledger->n_added;
}

bool
ledger_is_empty(const struct ledger *ledger)
{
	return ledger->entries.length == 0;
}

void
ledger_settle(struct ledger *ledger, size_t n_left)
{
	const struct entry *entry;

	while ((entry = g_queue_peek_head(&ledger->entries)) &&
	       ledger->octets - entry->len >= n_left)
		arrive(ledger);
}

void
ledger_lose_one(struct ledger *ledger, uint32_t n)
{
	struct entry *entry;
	GList *i = ledger->entries.head;

	while (i && ((struct entry *)i->data)->n != n)
		i = i->next;
	if (!i)
		return;
	entry = i->data;
	ledger->octets -= entry->len;
	transport_dropped(ledger->stats, &entry->tally);
	g_free(entry);
	g_queue_delete_link(&ledger->entries, i);
}

void
ledger_lose(struct ledger *ledger)
{
	while (ledger->entries.length) {
		g_autofree struct entry *entry = pop(ledger);

		transport_dropped(ledger->stats, &entry->tally);
	}
}

struct ledger *
ledger_new(struct transport_stats *stats)
{
	struct ledger *ledger = g_new0(struct ledger, 1);

	ledger->stats = stats;
	g_queue_init(&ledger->entries);
	return ledger;
}

void
ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	g_queue_clear_full(&ledger->entries, g_free);
	g_free(ledger);
}
