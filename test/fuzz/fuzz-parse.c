/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet of any link type, as a capture has it, or as an skb.
 *
 * The first octet chooses the link type, the second says whether what an skb
 * knows beside its octets follows, and the rest is the packet.
 */
#include "../../bpf/parse.h"
#include "fuzz.h"
#include "source_link.h"

enum { MAX_DLT = 1024, OPTION_SKB = 1, OPTION_LEN = 2 };

/* The Nth of those that we know, counted around. */
static const struct link_type *
choose_link(size_t n)
{
	static const struct link_type *links[MAX_DLT];
	static size_t n_links;

	if (n_links == 0)
		for (int dlt = 0; dlt < MAX_DLT; dlt++)
			if (link_find(dlt))
				links[n_links++] = link_find(dlt);
	return links[n % n_links];
}

static void
take_options(struct fuzz *fuzz, struct packet *packet)
{
	unsigned options = fuzz_uint(fuzz, 1);

	if (options & OPTION_SKB) {
		packet->gso_size = fuzz_uint(fuzz, 2);
		packet->gso_segs = fuzz_uint(fuzz, 2);
		packet->wire_len = fuzz_uint(fuzz, 4);
		packet->vlan_tci = fuzz_uint(fuzz, 2);
	}
	if (options & OPTION_LEN)
		packet->len = fuzz_uint(fuzz, 4);
}

static void
check_key(const struct flow_key *key)
{
	g_assert(key->family == FLOW_OTHER || key->family == FLOW_IPV4 ||
		 key->family == FLOW_IPV6);
	g_assert((key->marks & ~FLOW_LATER) == 0);
	g_assert(key->vlan_id <= 0xfff);
	g_assert(!(key->marks & FLOW_LATER) ||
		 (key->src_port == 0 && key->dst_port == 0));
}

static void
check_value(const struct packet *packet, const struct flow_value *value)
{
	const struct flow_extremes *extremes = &value->extremes;

	g_assert(value->packets > 0);
	g_assert(value->packets > 1 || value->octets <= packet->len);
	g_assert(extremes->min_len <= extremes->max_len);
	g_assert(extremes->min_len <= value->octets);
	g_assert((value->tcp_flags & ~FLOW_TCP_FLAGS) == 0);
	g_assert(value->origin.flow_label <= 0xfffff);
	g_assert(value->origin.fragment_offset <= 0x1fff);
	g_assert(value->origin.customer_vlan_id <= 0xfff);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz fuzz = { data, size };
	const struct link_type *type = choose_link(fuzz_uint(&fuzz, 1));
	struct packet packet = { 0 };
	struct link_packet link = { 0 };
	struct flow_packet to = { 0 };

	take_options(&fuzz, &packet);
	if (!type->read(fuzz.at, fuzz.left, &link, &to.key, &to.value.origin) ||
	    link.header_len > fuzz.left)
		return 0;
	packet.len = MAX(packet.len, fuzz.left) - link.header_len;
	packet.protocol = link.protocol;
	if (parse_packet(fuzz.at + link.header_len, fuzz.at + fuzz.left,
			 &packet, &to.key, &to.value) == PARSE_MALFORMED) {
		g_assert(to.value.packets == MAX(packet.gso_segs, 1));
		return 0;
	}
	check_key(&to.key);
	check_value(&packet, &to.value);
	return 0;
}
