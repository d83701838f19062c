/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * queue.h - records that wait until their collector can take them.
 *
 * Records wait as they are, not as messages: what a session needs of a message
 * (templates before it, its sequence number, its time, the longest that the
 * path takes) is known only when it is sent, and sessions end.  Copies are
 * kept; interfaces stay iftable's.
 *
 * A ring, whose memory is touched only as far as it was ever filled; a record
 * costs one copy, and while the queue is short that copy stays in the cache.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <glib.h>

#include "message.h"

struct queue;

/* Room for OCTETS of records, at least one; GROWS: for as many as come.  Fails
 * where there is not so much memory. */
struct queue *queue_new(uint64_t octets, bool grows, GError **error);
void queue_free(struct queue *queue);

/* A full one takes no record: drop the first. */
bool queue_full(const struct queue *queue);
void queue_put(struct queue *queue, const struct record *record);

/* The oldest record, lent until the queue is next changed; NULL: none. */
const struct record *queue_first(const struct queue *queue);
void queue_drop_first(struct queue *queue);

size_t queue_len(const struct queue *queue);
size_t queue_room(const struct queue *queue); /* records, until it is full */

#endif
