/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <glib.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>

#include "records.h"

#define RECORDS_EPOCH_NS 1700000000123456789ULL /* 2023-11-14 22:13:20.123 */
#define RECORDS_BOOT_NS	 5000000000ULL

const struct iface records_in = {
	.index = 2,
	.type = ARPHRD_ETHER,
	.up = true,
	.name = "eth0",
};

const struct iface records_out = {
	.index = 300,
	.type = ARPHRD_ETHER,
	.up = true,
	.name = "wan1",
	.alias = "uplink",
};

const struct meter records_meter = {
	.domain = 0x01020304,
	.interval = 100,
	.space = 99,
	.taken = 1,
	.algorithm = 2,
	.selector = 1,
	.selector_algorithm = 1,
	.ipv4 = { 192, 0, 2, 9 },
	.ipv6 = { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 },
	.slack = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
};

static void
fill_ipv4(struct flow_key *key)
{
	memset(key->src_addr + 10, 0xff, 2);
	memset(key->dst_addr + 10, 0xff, 2);
	inet_pton(AF_INET, "192.0.2.1", key->src_addr + 12);
	inet_pton(AF_INET, "198.51.100.7", key->dst_addr + 12);
	key->family = FLOW_IPV4;
}

static void
fill_ipv6(struct flow_key *key, struct flow_origin *origin)
{
	inet_pton(AF_INET6, "2001:db8::1:203", key->src_addr);
	inet_pton(AF_INET6, "2001:db8:f::a:b0c", key->dst_addr);
	key->family = FLOW_IPV6;
	origin->flow_label = 0x98765;
}

static void
fill_ingress(struct record *record)
{
	record->key.if_index = records_in.index;
	record->key.direction = FLOW_INGRESS;
	record->in = &records_in;
}

static void
fill_egress(struct record *record)
{
	record->key.if_index = records_out.index;
	record->key.direction = FLOW_EGRESS;
	record->out = &records_out;
}

static void
fill_l4(struct flow_key *key, uint8_t protocol, uint16_t src, uint16_t dst)
{
	key->protocol = protocol;
	key->src_port = src;
	key->dst_port = dst;
}

/* What all kinds have in common. */
static void
fill_base(struct record *record)
{
	struct flow_value *value = &record->value;

	memset(record, 0, sizeof(*record));
	record->key.tos = 0xb8;
	value->octets = 0x0102030405060708ULL;
	value->packets = 0x0a0b0c0d;
	value->last = 0x01020304;
	memset(value->pad, 0xff, sizeof(value->pad));
	value->origin.first_ns = RECORDS_BOOT_NS;
	memcpy(value->origin.src_mac, "\x02\x11\x22\x33\x44\x55", 6);
	memcpy(value->origin.dst_mac, "\x02\xaa\xbb\xcc\xdd\xee", 6);
	value->origin.ttl = 63;
	value->origin.ether_type = 0x0800;
	value->origin.fragment_offset = 0x0123;
	value->origin.customer_vlan_id = 0x0456;
	value->origin.customer_priority = 5;
	value->origin.vlan_priority = 6;
	memcpy(value->origin.mpls,
	       "\x10\x20\x30\x11\x21\x31\x12\x22\x33", 9);
	value->fragment_flags = 0x60;
	value->extremes = (struct flow_extremes){ 0x2829, 0x5adc, 0x3b, 0x40,
						  { 0xff, 0xff } };
	memset(value->origin.pad, 0xff, sizeof(value->origin.pad));
	record->start_ns = RECORDS_EPOCH_NS;
	record->end_ns = RECORDS_EPOCH_NS + 2500 * 1000000ULL;
	record->total_octets = 0x1112131415161718ULL;
	record->total_packets = 0x1a1b1c1d;
	record->meter = &records_meter;
	record->end_reason = END_IDLE;
	memset(record->slack, 0xff, sizeof(record->slack));
}

void
records_fill(struct record *record, enum records_kind kind)
{
	struct flow_key *key = &record->key;

	fill_base(record);
	switch (kind) {
	case RECORDS_TCP4:
		fill_ipv4(key);
		fill_l4(key, IPPROTO_TCP, 40000, 443);
		fill_ingress(record);
		record->value.tcp_flags = 0x15b;
		record->end_reason = END_TCP;
		break;
	case RECORDS_UDP6:
		fill_ipv6(key, &record->value.origin);
		fill_l4(key, IPPROTO_UDP, 53, 0xabcd);
		fill_ingress(record);
		record->out = &records_out;
		break;
	case RECORDS_ICMP4:
		fill_ipv4(key);
		fill_l4(key, IPPROTO_ICMP, 0, 8 << 8);
		fill_ingress(record);
		break;
	case RECORDS_ICMP6:
		fill_ipv6(key, &record->value.origin);
		fill_l4(key, IPPROTO_ICMPV6, 0, 135 << 8);
		fill_egress(record);
		record->end_reason = END_ACTIVE;
		break;
	case RECORDS_EGRESS:
		fill_ipv4(key);
		fill_l4(key, IPPROTO_TCP, 22, 50001);
		fill_egress(record);
		key->vlan_id = 100;
		record->value.origin.from_if_index = records_in.index;
		record->in = &records_in;
		record->value.tcp_flags = 0x018;
		record->end_reason = END_FORCED;
		break;
	case RECORDS_N:
		g_assert_not_reached();
	}
}
