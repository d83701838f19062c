/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_flight.h - messages that the kernel took, and whose arrival it has
 * not told yet.
 *
 * A connection that breaks takes what is on its way with it: who keeps this
 * knows how many records that was.  In order of sending; each entry is small,
 * and there are as many as the kernel's send buffer holds messages.
 */
#ifndef TRANSPORT_FLIGHT_H
#define TRANSPORT_FLIGHT_H

#include "transport.h"

struct flight;

struct flight *flight_new(struct transport_stats *stats);
void flight_free(struct flight *flight);

void flight_add(struct flight *flight, const struct message *message);
uint32_t flight_n_added(const struct flight *flight); /* ever, modulo 2^32 */
bool flight_is_empty(const struct flight *flight);

/* The oldest have arrived, as long as what is left has at least so many octets:
 * they are counted as exported. */
void flight_settle(struct flight *flight, size_t n_left);

/* Of the oldest, so many have arrived; or are lost, and counted as dropped. */
void flight_arrive(struct flight *flight, uint64_t n);
void flight_lose_first(struct flight *flight, uint64_t n);

/* The one that was added as the Nth, counted from 0 and modulo 2^32, is lost,
 * and counted as dropped. */
void flight_lose_one(struct flight *flight, uint32_t n);

/* All that is left is lost, and counted as dropped. */
void flight_lose(struct flight *flight);

#endif
