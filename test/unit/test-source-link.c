/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each link header of a capture tells, whole and cut anywhere.
 */
#include <pcap/dlt.h>
#include <string.h>

#include "../hex.h"
#include "../tap.h"
#include "source_link.h"

enum { MAX_DLT = 1024, PAYLOAD = 4 };

static const struct header {
	const char *name;
	int dlt;
	const char *octets;
	struct link_packet packet; /* but header_len: all OCTETS ... */
	size_t lent;		   /* ... but those, the packet's own */
	enum flow_direction direction;
	uint32_t if_index;
	const char *src_mac; /* NULL: none */
} headers[] = {
	{ "ethernet", DLT_EN10MB, "" },

	{ "sll-unicast", DLT_LINUX_SLL, "0000 0001 0006 02005e100001 0000 0800",
	  .packet = { .protocol = 0x0800 }, .src_mac = "02005e100001" },
	{ "sll-broadcast", DLT_LINUX_SLL,
	  "0001 0001 0006 02005e100001 ffff 0806",
	  .packet = { .protocol = 0x0806 }, .src_mac = "02005e100001" },
	{ "sll-multicast", DLT_LINUX_SLL,
	  "0002 0001 0006 02005e100001 0000 86dd",
	  .packet = { .protocol = 0x86dd }, .src_mac = "02005e100001" },
	{ "sll-other-host", DLT_LINUX_SLL,
	  "0003 0001 0006 02005e100001 0000 0800",
	  .packet = { .protocol = 0x0800 }, .src_mac = "02005e100001" },
	{ "sll-outgoing", DLT_LINUX_SLL,
	  "0004 0001 0006 02005e100002 0000 86dd",
	  .packet = { .protocol = 0x86dd }, .direction = FLOW_EGRESS,
	  .src_mac = "02005e100002" },
	{ "sll-no-address", DLT_LINUX_SLL,
	  "0004 fffe 0000 1122334455667788 0800",
	  .packet = { .protocol = 0x0800 }, .direction = FLOW_EGRESS },
	{ "sll-long-address", DLT_LINUX_SLL,
	  "0000 0020 0014 1122334455667788 0800",
	  .packet = { .protocol = 0x0800 } },
	{ "sll-vlan", DLT_LINUX_SLL, "0000 0001 0006 02005e100001 0000 8100",
	  .packet = { .protocol = 0x8100 }, .src_mac = "02005e100001" },
	{ "sll-none", DLT_LINUX_SLL, "0000 0001 0006 02005e100001 0000 0000",
	  .packet = { .protocol = 1 }, .src_mac = "02005e100001" },
	{ "sll-802.3", DLT_LINUX_SLL, "0002 0001 0006 02005e100001 0000 0004",
	  .packet = { .protocol = 4 }, .src_mac = "02005e100001" },

	{ "sll2-unicast", DLT_LINUX_SLL2,
	  "0800 0000 00000003 0001 00 06 02005e100001 0000",
	  .packet = { .protocol = 0x0800 }, .if_index = 3,
	  .src_mac = "02005e100001" },
	{ "sll2-outgoing", DLT_LINUX_SLL2,
	  "86dd 0000 80010203 0001 04 06 02005e100002 0000",
	  .packet = { .protocol = 0x86dd }, .if_index = 0x80010203,
	  .direction = FLOW_EGRESS, .src_mac = "02005e100002" },
	{ "sll2-no-address", DLT_LINUX_SLL2,
	  "0800 0000 00000001 0304 00 00 1122334455667788",
	  .packet = { .protocol = 0x0800 }, .if_index = 1 },
	{ "sll2-vlan", DLT_LINUX_SLL2,
	  "8100 0000 00000003 0001 00 06 02005e100001 0000",
	  .packet = { .protocol = 0x8100 }, .if_index = 3,
	  .src_mac = "02005e100001" },
	{ "sll2-802.2", DLT_LINUX_SLL2,
	  "05ff 0000 00000003 0001 02 06 02005e100001 0000",
	  .packet = { .protocol = 0x05ff }, .if_index = 3,
	  .src_mac = "02005e100001" },

	{ "raw-4", DLT_RAW, "45", .packet = { .protocol = 0x0800 }, .lent = 1 },
	{ "raw-6", DLT_RAW, "6b", .packet = { .protocol = 0x86dd }, .lent = 1 },
	{ "raw-5", DLT_RAW, "50", .packet = { .protocol = 0x0800 }, .lent = 1 },
	{ "ipv4", DLT_IPV4, "46", .packet = { .protocol = 0x0800 }, .lent = 1 },
	{ "ipv6", DLT_IPV6, "60", .packet = { .protocol = 0x86dd }, .lent = 1 },

	{ "null-4", DLT_NULL, "02000000", .packet = { .protocol = 0x0800 } },
	{ "null-4-big", DLT_NULL, "00000002",
	  .packet = { .protocol = 0x0800 } },
	{ "null-6-linux", DLT_NULL, "0a000000",
	  .packet = { .protocol = 0x86dd } },
	{ "null-6-openbsd", DLT_NULL, "18000000",
	  .packet = { .protocol = 0x86dd } },
	{ "null-6-freebsd", DLT_NULL, "1c000000",
	  .packet = { .protocol = 0x86dd } },
	{ "null-6-darwin", DLT_NULL, "1e000000",
	  .packet = { .protocol = 0x86dd } },
	{ "null-6-darwin-big", DLT_NULL, "0000001e",
	  .packet = { .protocol = 0x86dd } },
	{ "null-osi", DLT_NULL, "07000000", .packet = { .protocol = 1 } },
	{ "loop-4", DLT_LOOP, "00000002", .packet = { .protocol = 0x0800 } },
	{ "loop-6", DLT_LOOP, "00000018", .packet = { .protocol = 0x86dd } },
	{ "loop-none", DLT_LOOP, "00000000", .packet = { .protocol = 1 } },

	{ "ppp-4", DLT_PPP, "0021", .packet = { .protocol = 0x0800 } },
	{ "ppp-6", DLT_PPP, "0057", .packet = { .protocol = 0x86dd } },
	{ "ppp-lcp", DLT_PPP, "c021", .packet = { .protocol = 0x880b } },
	{ "ppp-framed-4", DLT_PPP, "ff030021",
	  .packet = { .protocol = 0x0800 } },
	{ "ppp-framed-6", DLT_PPP_SERIAL, "ff030057",
	  .packet = { .protocol = 0x86dd } },
	{ "ppp-serial-4", DLT_PPP_SERIAL, "0021",
	  .packet = { .protocol = 0x0800 } },
	{ "ppp-framed-lcp", DLT_PPP_SERIAL, "ff03c021",
	  .packet = { .protocol = 0x880b } },
	{ "pppoe", DLT_PPP_ETHER, "", .packet = { .protocol = 0x8864 } },
};

/* What was read of LEN octets, in memory that is not an octet larger. */
static bool
read_link(const struct header *header, const uint8_t *data, size_t len,
	  struct link_packet *packet, struct flow_key *key,
	  struct flow_origin *origin)
{
	const struct link_type *type = link_find(header->dlt);
	g_autofree uint8_t *exact = g_malloc(MAX(len, 1));
	uint8_t *start = exact + (len == 0);

	g_assert_nonnull(type);
	g_assert_cmpint(type->dlt, ==, header->dlt);
	memcpy(start, data, len);
	*packet = (struct link_packet){ 0 };
	*key = (struct flow_key){ 0 };
	*origin = (struct flow_origin){ 0 };
	return type->read(start, len, packet, key, origin);
}

static void
check(const struct header *header, size_t header_len,
      const struct link_packet *packet, const struct flow_key *key,
      const struct flow_origin *origin)
{
	struct flow_key other_key = *key;
	struct flow_origin other_origin = *origin;

	g_assert_cmpuint(packet->header_len, ==, header_len);
	g_assert_cmphex(packet->protocol, ==, header->packet.protocol);
	g_assert_cmpuint(key->direction, ==, header->direction);
	g_assert_cmpuint(key->if_index, ==, header->if_index);
	hex_check(origin->src_mac, 6, header->src_mac ?: "000000000000");
	/* and nothing else */
	other_key.direction = other_key.if_index = 0;
	memset(other_origin.src_mac, 0, 6);
	g_assert_cmpmem(&other_key, sizeof(other_key), &(struct flow_key){ 0 },
			sizeof(other_key));
	g_assert_cmpmem(&other_origin, sizeof(other_origin),
			&(struct flow_origin){ 0 }, sizeof(other_origin));
}

static GByteArray *
octets_of(const char *hex)
{
	GByteArray *octets = g_byte_array_new();

	for (; *hex; hex += 2) {
		uint8_t octet;

		while (*hex == ' ')
			hex++;
		octet = g_ascii_xdigit_value(hex[0]) << 4 |
			g_ascii_xdigit_value(hex[1]);
		g_byte_array_append(octets, &octet, 1);
	}
	return octets;
}

static void
test_header(const void *data)
{
	const struct header *header = data;
	g_autoptr(GByteArray) octets = octets_of(header->octets);
	const uint8_t payload[PAYLOAD] = { 0xff, 0x03, 0x45, 0x81 };
	size_t needed = octets->len;
	struct link_packet packet;
	struct flow_key key;
	struct flow_origin origin;

	g_byte_array_append(octets, payload, PAYLOAD);
	for (size_t len = 0; len <= octets->len; len++) {
		bool whole = read_link(header, octets->data, len, &packet, &key,
				       &origin);

		g_assert_cmpint(whole, ==, len >= needed);
		if (whole)
			check(header, needed - header->lent, &packet, &key,
			      &origin);
	}
}

/* No other link type is taken for one that it is not; none went untested. */
static void
test_types(void)
{
	for (int dlt = 0; dlt <= MAX_DLT; dlt++) {
		bool known = false;

		for (size_t i = 0; i < G_N_ELEMENTS(headers); i++)
			known |= headers[i].dlt == dlt;
		g_assert_cmpint(link_find(dlt) != NULL, ==, known);
	}
	g_assert_null(link_find(-1));
}

static void
add(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
		g_autofree char *path =
			g_strconcat("/link/", headers[i].name, NULL);

		g_test_add_data_func(path, &headers[i], test_header);
	}
	g_test_add_func("/link/types", test_types);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
