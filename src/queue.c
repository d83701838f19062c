/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue.h"

#include <gio/gio.h>

struct queue {
	size_t size; /* records that there is room for */
	size_t head; /* the oldest */
	size_t len;
	bool grows;
	struct record *ring;
};

static struct record *
at(const struct queue *queue, size_t i)
{
	i += queue->head;
	return &queue->ring[i < queue->size ? i : i - queue->size];
}

static void
grow(struct queue *queue)
{
	struct record *ring = g_new(struct record, 2 * queue->size);

	for (size_t i = 0; i < queue->len; i++)
		ring[i] = *at(queue, i);
	g_free(queue->ring);
	queue->ring = ring;
	queue->size *= 2;
	queue->head = 0;
}

const struct record *
queue_first(const struct queue *queue)
{
	return queue->len ? &queue->ring[queue->head] : NULL;
}

/* An empty one begins anew, where memory is in the cache. */
void
queue_drop_first(struct queue *queue)
{
	queue->len--;
	queue->head = queue->len == 0 || queue->head + 1 == queue->size
			      ? 0
			      : queue->head + 1;
}

bool
queue_full(const struct queue *queue)
{
	return queue->len == queue->size && !queue->grows;
}

void
queue_put(struct queue *queue, const struct record *record)
{
	if (queue->len == queue->size) {
		g_assert(queue->grows);
		grow(queue);
	}
	*at(queue, queue->len++) = *record;
}

size_t
queue_len(const struct queue *queue)
{
	return queue->len;
}

size_t
queue_room(const struct queue *queue)
{
	return queue->size - queue->len;
}

struct queue *
queue_new(uint64_t octets, bool grows, GError **error)
{
	struct queue *queue = g_new0(struct queue, 1);

	queue->size = MAX(1, octets / sizeof(struct record));
	queue->grows = grows;
	queue->ring = g_try_new(struct record, queue->size);
	if (queue->ring)
		return queue;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
		    "queue: there is no memory for %" G_GUINT64_FORMAT
		    " octets",
		    octets);
	g_free(queue);
	return NULL;
}

void
queue_free(struct queue *queue)
{
	if (!queue)
		return;
	g_free(queue->ring);
	g_free(queue);
}
