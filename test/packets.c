/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packets.h"
#include "hex.h"

#include <arpa/inet.h>
#include <string.h>

#define NUMBER(key, member)                                                    \
	{                                                                      \
		key, offsetof(struct packet_case, member),                     \
			sizeof(((struct packet_case *)NULL)->member)           \
	}

/* The keys that are numbers. */
static const struct number {
	const char *key;
	size_t offset, size;
} numbers[] = {
	NUMBER("len", packet.len),
	NUMBER("gso_size", packet.gso_size),
	NUMBER("gso_segs", packet.gso_segs),
	NUMBER("protocol", packet.protocol),
	NUMBER("vlan", packet.vlan_tci),
	NUMBER("family", key.family),
	NUMBER("proto", key.protocol),
	NUMBER("src_port", key.src_port),
	NUMBER("dst_port", key.dst_port),
	NUMBER("tos", key.tos),
	NUMBER("vlan_id", key.vlan_id),
	NUMBER("marks", key.marks),
	NUMBER("ttl", value.origin.ttl),
	NUMBER("flow_label", value.origin.flow_label),
	NUMBER("ether_type", value.origin.ether_type),
	NUMBER("vlan_priority", value.origin.vlan_priority),
	NUMBER("customer_vlan_id", value.origin.customer_vlan_id),
	NUMBER("customer_priority", value.origin.customer_priority),
	NUMBER("fragment_offset", value.origin.fragment_offset),
	NUMBER("fragment_flags", value.fragment_flags),
	NUMBER("tcp_flags", value.tcp_flags),
	NUMBER("min_len", value.extremes.min_len),
	NUMBER("max_len", value.extremes.max_len),
	NUMBER("min_ttl", value.extremes.min_ttl),
	NUMBER("max_ttl", value.extremes.max_ttl),
	NUMBER("packets", value.packets),
	NUMBER("octets", value.octets),
};

static const char *const results[] = {
	[PARSE_WHOLE] = "whole",
	[PARSE_CUT] = "cut",
	[PARSE_MALFORMED] = "malformed",
};

static void
case_free(void *data)
{
	struct packet_case *c = data;

	g_free(c->name);
	g_free(c->data);
	g_free(c);
}

static uint64_t
get_number(const struct packet_case *c, const struct number *number)
{
	const uint8_t *at = (const uint8_t *)c + number->offset;

	if (number->size == 1)
		return *at;
	if (number->size == 2)
		return *(const uint16_t *)at;
	if (number->size == 4)
		return *(const uint32_t *)at;
	return *(const uint64_t *)at;
}

static void
set_number(struct packet_case *c, const struct number *number, const char *text)
{
	char *end;
	uint64_t value = g_ascii_strtoull(text, &end, 0);
	uint8_t *at = (uint8_t *)c + number->offset;

	g_assert_true(end != text && *end == 0);
	g_assert_true(number->size == 8 || value >> number->size * 8 == 0);
	if (number->size == 1)
		*at = value;
	else if (number->size == 2)
		*(uint16_t *)at = value;
	else if (number->size == 4)
		*(uint32_t *)at = value;
	else
		*(uint64_t *)at = value;
}

static void
set_address(uint8_t address[16], const char *text)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET6, text, address) == 1)
		return;
	memcpy(address, mapped, sizeof(mapped));
	g_assert_cmpint(inet_pton(AF_INET, text, address + 12), ==, 1);
}

static void
set_octets(uint8_t *to, guint n, const char *text)
{
	g_autoptr(GByteArray) octets = g_byte_array_new();
	g_autofree char *hex = g_strdelimit(g_strdup(text), ":", ' ');

	hex_append(octets, hex);
	g_assert_cmpuint(octets->len, ==, n);
	memcpy(to, octets->data, n);
}

static enum parse_result
result_of(const char *text)
{
	for (size_t i = 0; i < G_N_ELEMENTS(results); i++)
		if (strcmp(text, results[i]) == 0)
			return i;
	g_assert_not_reached();
}

static void
set(struct packet_case *c, const char *key, const char *text)
{
	if (strcmp(key, "result") == 0)
		c->result = result_of(text);
	else if (strcmp(key, "src") == 0)
		set_address(c->key.src_addr, text);
	else if (strcmp(key, "dst") == 0)
		set_address(c->key.dst_addr, text);
	else if (strcmp(key, "src_mac") == 0)
		set_octets(c->value.origin.src_mac, 6, text);
	else if (strcmp(key, "dst_mac") == 0)
		set_octets(c->value.origin.dst_mac, 6, text);
	else if (strcmp(key, "mpls") == 0)
		set_octets(c->value.origin.mpls[0], 9, text);
	else
		for (size_t i = 0;; i++) {
			g_assert_cmpuint(i, <, G_N_ELEMENTS(numbers));
			if (strcmp(key, numbers[i].key) == 0) {
				set_number(c, &numbers[i], text);
				break;
			}
		}
}

/* What follows from the rest, where the group does not say otherwise. */
static void
set_defaults(struct packet_case *c, GKeyFile *file)
{
	const char *name = c->name;

	if (!c->packet.len)
		c->packet.len = c->n;
	if (!g_key_file_has_key(file, name, "ether_type", NULL) &&
	    c->key.family != FLOW_OTHER)
		c->value.origin.ether_type =
			c->key.family == FLOW_IPV4 ? 0x0800 : 0x86dd;
	if (c->key.family == FLOW_OTHER)
		c->key.dst_port = c->value.origin.ether_type;
	if (!g_key_file_has_key(file, name, "min_len", NULL))
		c->value.extremes.min_len = MIN(c->value.octets, 0xffff);
	if (!g_key_file_has_key(file, name, "max_len", NULL))
		c->value.extremes.max_len = MIN(c->value.octets, 0xffff);
	c->value.extremes.min_ttl = c->value.origin.ttl;
	c->value.extremes.max_ttl = c->value.origin.ttl;
}

static struct packet_case *
case_load(GKeyFile *file, const char *name)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, name, NULL, NULL);
	g_autoptr(GByteArray) octets = g_byte_array_new();
	struct packet_case *c = g_new0(struct packet_case, 1);

	g_assert_true(g_key_file_has_key(file, name, "result", NULL));
	c->name = g_strdup(name);
	c->value.packets = 1;
	for (char **key = keys; *key; key++) {
		g_autofree char *text =
			g_key_file_get_value(file, name, *key, NULL);

		if (g_str_has_prefix(*key, "hex."))
			hex_append(octets, text);
		else
			set(c, *key, text);
	}
	c->n = octets->len;
	c->data = g_memdup2(octets->data, octets->len);
	set_defaults(c, file);
	g_assert_cmpuint(c->packet.len, >=, c->n);
	return c;
}

GPtrArray *
packets_load(void)
{
	GPtrArray *packets = g_ptr_array_new_with_free_func(case_free);
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_test_build_filename(
		G_TEST_DIST, "test", "data", "packets.ini", NULL);
	g_auto(GStrv) names = NULL;

	g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, &error);
	g_assert_no_error(error);
	names = g_key_file_get_groups(file, NULL);
	for (char **name = names; *name; name++)
		g_ptr_array_add(packets, case_load(file, *name));
	return packets;
}

const struct packet_case *
packets_find(const GPtrArray *packets, const char *name)
{
	for (guint i = 0; i < packets->len; i++) {
		const struct packet_case *c = packets->pdata[i];

		if (strcmp(c->name, name) == 0)
			return c;
	}
	g_test_message("no packet %s in packets.ini", name);
	g_assert_not_reached();
}

uint8_t *
packets_whole(const struct packet_case *c)
{
	uint8_t *data = g_malloc0(c->packet.len);

	memcpy(data, c->data, c->n);
	return data;
}

enum parse_result
packets_parse(const uint8_t *data, uint32_t n, const struct packet *packet,
	      struct flow_key *key, struct flow_value *value)
{
	g_autofree uint8_t *exact = g_malloc(MAX(n, 1));
	uint8_t *start = exact + (n == 0);

	memcpy(start, data, n);
	*key = (struct flow_key){ 0 };
	*value = (struct flow_value){ 0 };
	return parse_packet(start, start + n, packet, key, value);
}

void
packets_check(const struct packet_case *expected, const struct flow_key *key,
	      const struct flow_value *value)
{
	const struct flow_origin *origin = &value->origin;
	struct packet_case got = { .key = *key, .value = *value };

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		const struct number *number = &numbers[i];

		if (number->offset < offsetof(struct packet_case, key))
			continue;
		if (get_number(&got, number) != get_number(expected, number))
			g_test_message("%s: %s", expected->name, number->key);
		g_assert_cmpuint(get_number(&got, number), ==,
				 get_number(expected, number));
	}
	g_assert_cmpmem(key->src_addr, 16, expected->key.src_addr, 16);
	g_assert_cmpmem(key->dst_addr, 16, expected->key.dst_addr, 16);
	g_assert_cmpmem(origin->src_mac, 6, expected->value.origin.src_mac, 6);
	g_assert_cmpmem(origin->dst_mac, 6, expected->value.origin.dst_mac, 6);
	g_assert_cmpmem(origin->mpls, 9, expected->value.origin.mpls, 9);
}
