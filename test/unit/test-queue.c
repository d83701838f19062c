/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that wait for their collector, and how many of them at most.
 */
#include "../tap.h"
#include "queue.h"

enum { ROOM = 50 };

static struct queue *
make_queue(bool grows)
{
	return queue_new(ROOM * sizeof(struct record), grows, NULL);
}

/* As a session does: the oldest makes room.  How many had to. */
static guint
put(struct queue *queue, uint32_t from, uint32_t to)
{
	guint n_dropped = 0;

	for (uint32_t i = from; i < to; i++) {
		const struct record record = { .total_packets = i };

		if (queue_full(queue)) {
			queue_drop_first(queue);
			n_dropped++;
		}
		queue_put(queue, &record);
	}
	return n_dropped;
}

/* Those numbered from FROM to TO, and no more. */
static void
take(struct queue *queue, uint32_t from, uint32_t to)
{
	g_assert_cmpuint(queue_len(queue), ==, to - from);
	for (uint32_t i = from; i < to; i++) {
		g_assert_cmpuint(queue_first(queue)->total_packets, ==, i);
		queue_drop_first(queue);
	}
	g_assert_null(queue_first(queue));
}

/* The original's TestCapacityLimiter_NoDrop. */
static void
test_no_drop(void)
{
	struct queue *queue = make_queue(false);

	g_assert_cmpuint(queue_room(queue), ==, ROOM);
	g_assert_cmpuint(put(queue, 0, 33), ==, 0);
	g_assert_cmpuint(queue_room(queue), ==, ROOM - 33);
	take(queue, 0, 33);
	queue_free(queue);
}

/* The original's TestCapacityLimiter_Drop: of 100, the one in hand and as many
 * as there is room for come out, though the last ones, not the first. */
static void
test_drop(void)
{
	struct queue *queue = make_queue(false);

	put(queue, 0, 1);
	take(queue, 0, 1);
	g_assert_cmpuint(put(queue, 1, 100), ==, 49);
	g_assert_true(queue_full(queue));
	g_assert_cmpuint(queue_room(queue), ==, 0);
	take(queue, ROOM, 100);
	queue_free(queue);
}

/* Round and round, never full. */
static void
test_ring(void)
{
	struct queue *queue = make_queue(false);

	put(queue, 0, 30);
	for (uint32_t i = 0; i < 1000; i++) {
		g_assert_cmpuint(put(queue, i + 30, i + 31), ==, 0);
		g_assert_cmpuint(queue_first(queue)->total_packets, ==, i);
		queue_drop_first(queue);
	}
	take(queue, 1000, 1030);
	queue_free(queue);
}

/* Where nothing may be lost: it grows in the middle of a round, too. */
static void
test_grows(void)
{
	struct queue *queue = make_queue(true);

	put(queue, 0, 30);
	take(queue, 0, 30);
	g_assert_cmpuint(put(queue, 30, 5000), ==, 0);
	take(queue, 30, 5000);
	queue_free(queue);
}

static void
add_tests(void)
{
	g_test_add_func("/queue/capacity-limiter-no-drop", test_no_drop);
	g_test_add_func("/queue/capacity-limiter-drop", test_drop);
	g_test_add_func("/queue/ring", test_ring);
	g_test_add_func("/queue/grows", test_grows);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add_tests);
}
