/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_ledger.h"

struct entry {
	size_t len;
	struct tally tally;
};

struct ledger {
	struct transport_stats *stats;
	size_t octets;
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

	*entry = (struct entry){ message->len, message->tally };
	ledger->octets += entry->len;
	g_queue_push_tail(&ledger->entries, entry);
}

size_t
ledger_octets(const struct ledger *ledger)
{
	return ledger->octets;
}

size_t
ledger_len(const struct ledger *ledger)
{
	return ledger->entries.length;
}

void
ledger_settle_octets(struct ledger *ledger, size_t n_left)
{
	const struct entry *entry;

	while ((entry = g_queue_peek_head(&ledger->entries)) &&
	       ledger->octets - entry->len >= n_left)
		arrive(ledger);
}

void
ledger_settle_messages(struct ledger *ledger, size_t n_left)
{
	while (ledger->entries.length > n_left)
		arrive(ledger);
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
