/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flow table against a model: packets of a few flows, one by one and many
 * at once, and slots that end, in a table that is soon full.
 */
#include "flowtable.h"
#include "fuzz.h"

/* As bpf/table.h has it, which only flowtable.c may include. */
enum { MERGED, CREATED, FULL };

enum { FLOWS_MAX = 16, KEYS = 48, BATCH = 40 };
enum { SYN = 0x02, ENDS = 0x05 }; /* FIN and RST */
enum op { OP_PACKET, OP_PACKETS, OP_CLOSE, OP_N };

/* What the table should hold of a key, in all slots of it together. */
struct flow {
	uint64_t octets;
	uint64_t packets;
	uint16_t tcp_flags;
	unsigned slots;
	unsigned live; /* of them */
	bool mixed;    /* some of its slots are gone: flags are not known */
};

struct model {
	struct table *table;
	struct flow flows[KEYS];
	uint32_t tick;
};

static struct flow_packet
make(struct model *model, struct fuzz *fuzz)
{
	struct flow_packet packet = { 0 };
	uint8_t n = fuzz_uint(fuzz, 1) % KEYS;

	packet.key.src_addr[15] = n;
	packet.key.src_port = n;
	packet.key.family = n % 2 ? FLOW_IPV4 : FLOW_IPV6;
	packet.key.marks = n % 3 ? 0 : FLOW_LATER;
	packet.value.tcp_flags = fuzz_uint(fuzz, 1) & 0x17;
	packet.value.octets = 1 + fuzz_uint(fuzz, 2);
	packet.value.packets = 1 + fuzz_uint(fuzz, 1) % 4;
	packet.value.last = model->tick++;
	packet.value.extremes.min_len = packet.value.octets;
	packet.value.extremes.max_len = packet.value.octets;
	return packet;
}

/* The slots of key N, as the table has them. */
static struct flow
look(const struct model *model, unsigned n)
{
	struct flow sum = { 0 };

	for (uint32_t i = 0; i < flowtable_n_slots(model->table); i++) {
		bool live = flowtable_is_live(model->table, i);
		struct flow_packet flow;

		if (!live && !flowtable_has_ended(model->table, i))
			continue;
		flowtable_read(model->table, i, &flow.key, &flow.value);
		if (flow.key.src_port != n)
			continue;
		sum.octets += flow.value.octets;
		sum.packets += flow.value.packets;
		sum.tcp_flags |= flow.value.tcp_flags;
		sum.slots++;
		sum.live += live;
	}
	return sum;
}

static void
compare(const struct model *model, unsigned n)
{
	const struct flow *expected = &model->flows[n];
	struct flow got = look(model, n);

	g_assert_cmpuint(got.octets, ==, expected->octets);
	g_assert_cmpuint(got.packets, ==, expected->packets);
	g_assert_cmpuint(got.slots, ==, expected->slots);
	if (!expected->mixed)
		g_assert_cmpuint(got.tcp_flags, ==, expected->tcp_flags);
}

/* What the table did of a packet is what it should do; the model follows. */
static void
follow(struct model *model, const struct flow_packet *packet, int result)
{
	struct flow *flow = &model->flows[packet->key.src_port];
	bool may_end =
		model->table->tunables.tcp_end && packet->value.tcp_flags & SYN;

	if (result == FULL) {
		g_assert(flow->live == 0 || may_end);
		flow->live = look(model, packet->key.src_port).live;
		g_assert(flow->live == 0);
		return;
	}
	g_assert(result == CREATED || flow->live > 0);
	flow->slots += result == CREATED;
	flow->octets += packet->value.octets;
	flow->packets += packet->value.packets;
	flow->tcp_flags |= packet->value.tcp_flags;
	flow->live = look(model, packet->key.src_port).live;
	g_assert(flow->live > 0);
	compare(model, packet->key.src_port);
}

static void
op_packet(struct model *model, struct fuzz *fuzz)
{
	struct flow_packet packet = make(model, fuzz);

	follow(model, &packet,
	       flowtable_account(model->table, &packet.key, &packet.value));
}

/* Which of them began a flow is not told: how many did. */
static void
op_packets(struct model *model, struct fuzz *fuzz)
{
	struct flow_packet packets[BATCH];
	unsigned n = fuzz_uint(fuzz, 1) % BATCH, done, slots = 0;
	__u64 created = 0;

	for (unsigned i = 0; i < n; i++)
		packets[i] = make(model, fuzz);
	done = flowtable_account_all(model->table, packets, n, &created);
	g_assert(done <= n);
	for (unsigned i = 0; i < done; i++) {
		struct flow *flow = &model->flows[packets[i].key.src_port];

		flow->octets += packets[i].value.octets;
		flow->packets += packets[i].value.packets;
		flow->tcp_flags |= packets[i].value.tcp_flags;
	}
	for (unsigned i = 0; i < KEYS; i++) {
		struct flow got = look(model, i);

		slots += got.slots - model->flows[i].slots;
		model->flows[i].slots = got.slots;
		model->flows[i].live = got.live;
		compare(model, i);
	}
	g_assert(slots == created);
}

static void
op_close(struct model *model, struct fuzz *fuzz)
{
	struct table *table = model->table;
	uint32_t slot = fuzz_uint(fuzz, 1) % flowtable_n_slots(table);
	bool live = flowtable_is_live(table, slot);
	struct flow_packet packet;
	struct flow *flow;

	if (!live && !flowtable_has_ended(table, slot))
		return;
	flowtable_close(table, slot);
	flowtable_read(table, slot, &packet.key, &packet.value);
	flowtable_release(table, slot);
	flow = &model->flows[packet.key.src_port];
	flow->octets -= packet.value.octets;
	flow->packets -= packet.value.packets;
	flow->live -= live;
	flow->mixed = --flow->slots > 0;
	if (!flow->mixed)
		flow->tcp_flags = 0;
	compare(model, packet.key.src_port);
}

static void
step(struct model *model, struct fuzz *fuzz)
{
	switch (fuzz_uint(fuzz, 1) % OP_N) {
	case OP_PACKET:
		op_packet(model, fuzz);
		break;
	case OP_PACKETS:
		op_packets(model, fuzz);
		break;
	case OP_CLOSE:
		op_close(model, fuzz);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz fuzz = { data, size };
	unsigned options = fuzz_uint(&fuzz, 1);
	struct model model = { flowtable_new(FLOWS_MAX, options & 1) };

	/* The same input is the same case, always. */
	memset(model.table->tunables.hash_key, 0x5a,
	       sizeof(model.table->tunables.hash_key));
	model.table->tunables.tcp_end = options >> 1 & 1;
	while (fuzz.left > 0)
		step(&model, &fuzz);
	for (unsigned i = 0; i < KEYS; i++)
		compare(&model, i);
	flowtable_free(model.table);
	return 0;
}
