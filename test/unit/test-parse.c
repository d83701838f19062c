/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../packets.h"
#include "../tap.h"

#include <netinet/in.h>

enum {
	MUTATIONS = 200000,
	MUTATIONS_SEED = 20250607,
	MAX_ADDED = 64, /* octets behind a mutated packet */
};

static GPtrArray *packets;

static bool
has_flow(enum parse_result result)
{
	return result == PARSE_WHOLE || result == PARSE_CUT;
}

/* What the outcome says. */
static void
test_outcome(const void *data)
{
	const struct packet_case *c = data;
	struct flow_value value;
	struct flow_key key;

	g_assert_cmpint(packets_parse(c->data, c->n, &c->packet, &key, &value),
			==, c->result);
	if (has_flow(c->result))
		packets_check(c, &key, &value);
	else
		g_assert_cmpuint(value.packets, ==, c->value.packets);
}

/* How much is known of a packet; it can only grow with the octets seen. */
static int
knowledge(enum parse_result result)
{
	switch (result) {
	case PARSE_MALFORMED:
		return 0;
	case PARSE_CUT:
		return 1;
	case PARSE_WHOLE:
		return 2;
	}
	g_assert_not_reached();
}

static void
check_none_or(uint32_t got, uint32_t expected)
{
	if (got)
		g_assert_cmpuint(got, ==, expected);
}

/* A cut packet's flow: what is known of it is true. */
static void
check_cut(const struct packet_case *c, const struct flow_key *key,
	  const struct flow_value *value)
{
	g_assert_cmpuint(key->family, ==, c->key.family);
	g_assert_cmpuint(key->tos, ==, c->key.tos);
	g_assert_cmpuint(key->vlan_id, ==, c->key.vlan_id);
	g_assert_cmpmem(key->src_addr, 16, c->key.src_addr, 16);
	g_assert_cmpmem(key->dst_addr, 16, c->key.dst_addr, 16);
	check_none_or(key->src_port, c->key.src_port);
	check_none_or(key->dst_port, c->key.dst_port);
	check_none_or(value->tcp_flags, c->value.tcp_flags);
	g_assert_cmpuint(value->packets, >=, 1);
	if (!c->packet.gso_size)
		g_assert_cmpuint(value->octets, <=, c->packet.len);
}

/* Cut behind each of its octets, and before the first. */
static void
test_cut(const void *data)
{
	const struct packet_case *c = data;
	int known = 0;

	for (uint32_t n = 0; n <= c->n; n++) {
		struct flow_value value;
		struct flow_key key;
		enum parse_result result =
			packets_parse(c->data, n, &c->packet, &key, &value);

		g_assert_cmpint(knowledge(result), >=, known);
		known = knowledge(result);
		if (result == c->result && result == PARSE_WHOLE)
			packets_check(c, &key, &value);
		else if (has_flow(result))
			check_cut(c, &key, &value);
		else
			g_assert_cmpuint(value.packets, >=, 1);
	}
	g_assert_cmpint(known, ==, knowledge(c->result));
}

static bool
has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_DCCP || protocol == IPPROTO_SCTP ||
	       protocol == IPPROTO_UDPLITE;
}

/* What is true of a flow whatever the octets say. */
static void
check_key(const struct flow_key *key)
{
	bool icmp = key->protocol == IPPROTO_ICMP ||
		    key->protocol == IPPROTO_ICMPV6;

	g_assert_true(key->family == FLOW_IPV4 || key->family == FLOW_IPV6 ||
		      key->family == FLOW_OTHER);
	g_assert_cmpuint(key->vlan_id, <=, 0xfff);
	g_assert_cmpuint(key->if_index, ==, 0);
	g_assert_cmpuint(key->direction, ==, 0);
	g_assert_cmpuint(key->marks & ~FLOW_LATER, ==, 0);
	if (!has_ports(key->protocol))
		g_assert_cmpuint(key->src_port, ==, 0);
	if (!has_ports(key->protocol) && !icmp && key->family != FLOW_OTHER)
		g_assert_cmpuint(key->dst_port, ==, 0);
}

static void
check_value(const struct packet *packet, const struct flow_key *key,
	    const struct flow_value *value)
{
	const struct flow_origin *origin = &value->origin;

	g_assert_cmpuint(value->octets, >=, key->family != FLOW_OTHER);
	g_assert_cmpuint(value->octets, <=,
			 (uint64_t)packet->len * value->packets);
	g_assert_cmpuint(value->tcp_flags, <=, 0xfff);
	if (key->protocol != IPPROTO_TCP)
		g_assert_cmpuint(value->tcp_flags, ==, 0);
	g_assert_cmpuint(origin->flow_label, <=, 0xfffff);
	if (key->family == FLOW_IPV4)
		g_assert_cmpuint(origin->flow_label, ==, 0);
	g_assert_cmpuint(origin->first_ns | origin->from_if_index, ==, 0);
	g_assert_cmpuint(value->last, ==, 0);
}

static void
check_packets(const struct packet *packet, const struct flow_value *value)
{
	if (packet->gso_segs)
		g_assert_cmpuint(value->packets, ==, packet->gso_segs);
	else if (packet->gso_size)
		g_assert_cmpuint(value->packets, <=,
				 packet->len / packet->gso_size + 1);
	else
		g_assert_cmpuint(value->packets, ==, 1);
	g_assert_cmpuint(value->packets, >=, 1);
}

/* Makes N octets of data from the packet C, some of them others. */
static void
mutate(GRand *random, const struct packet_case *c, uint8_t *data, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		data[i] = i < c->n ? c->data[i] : g_rand_int(random);
	for (int i = g_rand_int_range(random, 0, 6); n && i > 0; i--)
		data[g_rand_int_range(random, 0, n)] = g_rand_int(random);
}

static void
mutate_packet(GRand *random, struct packet *packet, uint32_t n)
{
	packet->len = n;
	if (g_rand_boolean(random))
		packet->len += g_rand_int_range(random, 0, 1 << 18);
	packet->gso_size = 0;
	packet->gso_segs = 0;
	if (g_rand_boolean(random))
		return;
	packet->gso_size = g_rand_int_range(random, 1, 1 << 16);
	if (g_rand_boolean(random))
		packet->gso_segs = g_rand_int_range(random, 1, 1 << 16);
}

static void
test_mutation(GRand *random)
{
	const struct packet_case *c =
		packets->pdata[g_rand_int_range(random, 0, packets->len)];
	uint32_t n = g_rand_int_range(random, 0, c->n + MAX_ADDED);
	g_autofree uint8_t *data = g_malloc(n + 1);
	struct packet packet = c->packet;
	struct flow_value value;
	struct flow_key key;
	enum parse_result result;

	mutate(random, c, data, n);
	mutate_packet(random, &packet, n);
	result = packets_parse(data, n, &packet, &key, &value);
	check_packets(&packet, &value);
	if (!has_flow(result))
		return;
	check_key(&key);
	check_value(&packet, &key, &value);
}

static void
test_mutations(void)
{
	GRand *random = g_rand_new_with_seed(MUTATIONS_SEED);

	for (int i = 0; i < MUTATIONS; i++)
		test_mutation(random);
	g_rand_free(random);
}

static void
add(void)
{
	packets = packets_load();
	for (guint i = 0; i < packets->len; i++) {
		struct packet_case *c = packets->pdata[i];
		g_autofree char *outcome =
			g_strdup_printf("/parse/outcome/%s", c->name);
		g_autofree char *cut =
			g_strdup_printf("/parse/cut/%s", c->name);

		g_test_add_data_func(outcome, c, test_outcome);
		g_test_add_data_func(cut, c, test_cut);
	}
	g_test_add_func("/parse/mutations", test_mutations);
}

int
main(int argc, char **argv)
{
	int failed = tap_main(argc, argv, add);

	g_ptr_array_unref(packets);
	return failed;
}
