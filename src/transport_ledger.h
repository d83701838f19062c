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
uint32_t ledger_n_added(const struct ledger *ledger); /* ever, modulo 2^32 */
bool ledger_is_empty(const struct ledger *ledger);

/* The oldest have arrived, as long as what is left has at least so many octets:
 * they are counted as exported. */
void ledger_settle(struct ledger *ledger, size_t n_left);

/* The one that was added as the Nth, counted from 0 and modulo 2^32, is lost,
 * and counted as dropped. */
void ledger_lose_one(struct ledger *ledger, uint32_t n);

/* All that is left is lost, and counted as dropped. */
void ledger_lose(struct ledger *ledger);

#endif
