/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "flows.h"

#define SOME_NS (1700000000 * CLOCK_SECOND_NS)
#define TICK_NS 1000 /* as of captures */

const struct instant flows_now = {
	.boot_ns = SOME_NS,
	.wall_ns = SOME_NS,
	.tick_ns = TICK_NS,
	.tick = (uint32_t)(SOME_NS / TICK_NS),
};

static void
make_key(struct flow_key *key, uint32_t i, uint32_t random)
{
	static const uint8_t prefix[2][12] = {
		{ [10] = 0xff, 0xff },
		{ 0x20, 0x01, 0x0d, 0xb8 },
	};
	bool ipv6 = i % 4 == 3;

	memcpy(key->src_addr, prefix[ipv6], sizeof(prefix[ipv6]));
	memcpy(key->dst_addr, prefix[ipv6], sizeof(prefix[ipv6]));
	memcpy(key->src_addr + 12, &i, sizeof(i));
	memcpy(key->dst_addr + 12, &random, sizeof(random));
	key->src_port = random >> 16;
	key->dst_port = 443;
	key->protocol = random & 0x100 ? IPPROTO_UDP : IPPROTO_TCP;
	key->if_index = 1 + (random >> 9) % FLOWS_INTERFACES;
	key->direction = random & 0x800 ? FLOW_EGRESS : FLOW_INGRESS;
	key->family = ipv6 ? FLOW_IPV6 : FLOW_IPV4;
}

struct flow_packet
flows_packet(uint32_t i)
{
	uint32_t random = i * 2654435761U;
	struct flow_packet packet = { 0 };

	make_key(&packet.key, i, random);
	packet.value.packets = 1 + (random >> 12) % 30;
	packet.value.octets = packet.value.packets * 700;
	packet.value.last = flows_now.tick - (random >> 20);
	packet.value.origin.first_ns =
		flows_now.boot_ns - 20 * (uint64_t)random;
	if (packet.key.direction == FLOW_EGRESS)
		packet.value.origin.from_if_index =
			1 + packet.key.if_index % FLOWS_INTERFACES;
	return packet;
}

void
flows_fill(struct table *table, uint32_t n, struct flows_sum *sum)
{
	__u64 created = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct flow_packet packet = flows_packet(i);

		if (flowtable_account_all(table, &packet, 1, &created))
			sum->packets += packet.value.packets;
	}
	sum->records += created;
}
