/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_ledger.h - messages that the kernel took, and whose arrival it has
 * not told yet.
 *
 * A connection that breaks takes what is on its way with it: who keeps this
 * knows how many records that was.  In order of sending; each entry is small,
 * and there are as many as the kernel's send buffer holds messages.
 */
#ifndef TRANSPORT_LEDGER_H
#define TRANSPORT_LEDGER_H

#include "transport.h"

struct ledger;

struct ledger *ledger_new(struct transport_stats *stats);
void ledger_free(struct ledger *ledger);

void ledger_add(struct ledger *ledger, const struct message *message);
size_t ledger_octets(const struct ledger *ledger); /* of all in it */
size_t ledger_len(const struct ledger *ledger);	   /* messages in it */

/* The oldest arrive, as long as what is left has at least so many octets, or
 * messages: they are counted as exported. */
void ledger_settle_octets(struct ledger *ledger, size_t n_left);
void ledger_settle_messages(struct ledger *ledger, size_t n_left);

/* All that is left is lost, and counted as dropped. */
void ledger_lose(struct ledger *ledger);

#endif
