/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of the ring buffer and what the daemon does meanwhile, in any order.
 * What the ring brought is in records or counted, when all is drained.
 */
#include "fuzz.h"
#include "overflow.h"

enum { FLOWS_MAX = 16, MOST_PACKETS = 64, TICK_NS = 4000000 };

enum step { STEP_PACKETS, STEP_TIME, STEP_SCAN, STEP_N };

struct ring {
	struct fuzz fuzz;
	unsigned left; /* packets that are in it */
	struct instant now;
	struct {
		uint64_t packets, octets;
	} in, out;
};

static struct flow_packet
make(struct ring *ring)
{
	struct fuzz *fuzz = &ring->fuzz;
	struct flow_packet packet = { 0 };
	struct flow_value *value = &packet.value;

	packet.key.src_port = fuzz_uint(fuzz, 1);
	packet.key.protocol = fuzz_uint(fuzz, 1);
	packet.key.family = fuzz_uint(fuzz, 1);
	packet.key.marks = fuzz_uint(fuzz, 1) & 1 ? FLOW_LATER : 0;
	value->tcp_flags = fuzz_uint(fuzz, 2) & FLOW_TCP_FLAGS;
	value->packets = 1 + fuzz_uint(fuzz, 1);
	value->octets = fuzz_uint(fuzz, 3);
	value->fragment_flags = fuzz_uint(fuzz, 1) & 0x60;
	/* Until a moment ago, or, where clocks differ, in a moment. */
	value->last = ring->now.tick + (int8_t)fuzz_uint(fuzz, 1);
	value->origin.first_ns =
		ring->now.boot_ns - fuzz_uint(fuzz, 1) * TICK_NS;
	return packet;
}

static void
read_ring(void *from, bool (*take)(void *to, const struct flow_packet *packet),
	  void *to)
{
	struct ring *ring = from;
	bool more = true;

	while (more && ring->left > 0) {
		struct flow_packet packet = make(ring);

		ring->left--;
		ring->in.packets += packet.value.packets;
		ring->in.octets += packet.value.octets;
		more = take(to, &packet);
	}
}

static void
push(void *to, struct record *record)
{
	struct ring *ring = to;

	g_assert(record->start_ns <= record->end_ns);
	ring->out.packets += record->value.packets;
	ring->out.octets += record->value.octets;
}

static void
flush(void *to)
{
	(void)to;
}

static void
advance(struct ring *ring, uint64_t ticks)
{
	struct instant *now = &ring->now;

	now->tick += ticks;
	now->tick_ns = TICK_NS;
	now->boot_ns += ticks * TICK_NS;
	now->wall_ns = 1700000000 * CLOCK_SECOND_NS + now->boot_ns;
}

static void
step(struct ring *ring, struct overflow *overflow)
{
	switch (fuzz_uint(&ring->fuzz, 1) % STEP_N) {
	case STEP_PACKETS:
		ring->left += fuzz_uint(&ring->fuzz, 1) % MOST_PACKETS;
		break;
	case STEP_TIME:
		advance(ring, fuzz_uint(&ring->fuzz, 2));
		break;
	case STEP_SCAN:
		overflow_begin(overflow,
			       fuzz_uint(&ring->fuzz, 1) % EXPIRE_DRAIN);
		break;
	}
	overflow_step(overflow, &ring->now);
}

static void
drain(struct ring *ring, struct overflow *overflow)
{
	unsigned n = 0;

	overflow_begin(overflow, EXPIRE_DRAIN);
	while (overflow_step(overflow, &ring->now) != EXPIRE_RESTING)
		g_assert(n++ < 10000);
}

static void
check(const struct ring *ring, const struct overflow *overflow)
{
	struct flow_counters counters = { 0 };

	overflow_count(overflow, &counters);
	g_assert(ring->in.packets ==
		 ring->out.packets + counters.packets_unaccounted);
	g_assert(ring->in.octets ==
		 ring->out.octets + counters.octets_unaccounted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ring ring = { .fuzz = { data, size } };
	struct stats stats = { 0 };
	struct overflow_args args = {
		.source = { read_ring, &ring },
		.max = FLOWS_MAX,
		.extremes = true,
		.timeouts = { .idle_ns = 15 * CLOCK_SECOND_NS,
			      .active_ns = 60 * CLOCK_SECOND_NS },
		.sink = { push, flush, &ring },
		.stats = &stats,
	};
	struct overflow *overflow;

	args.timeouts.tcp_end_ns = fuzz_uint(&ring.fuzz, 1) % 4 * TICK_NS;
	advance(&ring, 1000 + (fuzz_uint(&ring.fuzz, 1) & 1 ? UINT32_MAX : 0));
	overflow = overflow_new(&args);
	while (ring.fuzz.left > 0)
		step(&ring, overflow);
	drain(&ring, overflow);
	check(&ring, overflow);
	overflow_free(overflow);
	return 0;
}
