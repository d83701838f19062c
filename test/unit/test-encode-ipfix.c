/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../hex.h"
#include "../ipfix.h"
#include "../records.h"
#include "../tap.h"
#include "clock.h"
#include "encode.h"

#define DOMAIN	 0x01020304
#define EXPORT_S 0x65545fffU
#define WALL_NS	 (EXPORT_S * CLOCK_SECOND_NS + 999999999)
#define LEN4	 60 /* of the standard set's records */
#define LEN6	 84
#define MIN_MTU	 (16 + 4 + LEN6)

static const struct encoder_ops *const ipfix = &encode_ipfix;

static void
check_header(const struct message *message, uint32_t sequence)
{
	ipfix_check_header(message, EXPORT_S, sequence, DOMAIN);
}

static void
check_refused(const struct template_set *set, uint32_t mtu,
	      const char *expected)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(ipfix->new(set, DOMAIN, mtu, &error));
	g_assert_cmpstr(error->message, ==, expected);
}

static void
test_small_mtu(void)
{
	struct template_set *set = ipfix_standard_set();

	for (uint32_t mtu = 100; mtu < MIN_MTU; mtu++) {
		g_autofree char *expected = g_strdup_printf(
			"template set \"standard\": a message with one IPv6 "
			"record takes 104 octets, the mtu is %u",
			mtu);

		check_refused(set, mtu, expected);
	}
	check_refused(set, 99,
		      "template set \"standard\": a message with one IPv4 "
		      "template takes 100 octets, the mtu is 99");
	check_refused(set, 0,
		      "template set \"standard\": a message with one IPv4 "
		      "record takes 80 octets, the mtu is 0");
	template_set_free(set);
}

/* A message's length has 16 bits, whatever the mtu. */
static void
test_huge_mtu(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = ipfix->new(set, DOMAIN, 1000000, NULL);
	struct message message;
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	while (ipfix->add(encoder, &record))
		;
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	g_assert_cmpuint(message.tally.records, ==, (65535 - 20) / LEN4);
	check_header(&message, 0);
	ipfix->free(encoder);
	template_set_free(set);
}

static void
test_sequence(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = ipfix->new(set, DOMAIN, 1400, NULL);
	struct message message;
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	g_assert_false(ipfix->take(encoder, WALL_NS, &message));
	for (uint32_t sequence = 0; sequence < 15; sequence += 3) {
		for (int i = 0; i < 3; i++)
			g_assert_true(ipfix->add(encoder, &record));
		g_assert_true(ipfix->take(encoder, WALL_NS, &message));
		check_header(&message, sequence);
		g_assert_true(ipfix->announce(encoder, 0, WALL_NS, &message));
		g_assert_cmpuint(message.tally.records, ==, 0);
		check_header(&message, sequence + 3);
	}
	ipfix->add(encoder, &record);
	ipfix->restart(encoder, 1);
	g_assert_true(ipfix->announce(encoder, 0, WALL_NS, &message));
	check_header(&message, 0);
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	check_header(&message, 0);
	ipfix->add(encoder, &record);
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	check_header(&message, 1);
	ipfix->free(encoder);
	template_set_free(set);
}

static void
add_take(struct encoder *encoder, enum records_kind kind, unsigned stream,
	 uint32_t sequence)
{
	struct message message;
	struct record record;

	records_fill(&record, kind);
	g_assert_true(ipfix->add(encoder, &record));
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	g_assert_cmpuint(message.stream, ==, stream);
	check_header(&message, sequence);
}

/* Where there are several, each family has its own, and templates the first. */
static void
test_streams(void)
{
	static const struct {
		unsigned n, v4, v6;
	} cases[] = { { 1, 0, 0 }, { 2, 1, 1 }, { 3, 1, 2 }, { 100, 1, 2 } };
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = ipfix->new(set, DOMAIN, 1400, NULL);
	struct message message;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		uint32_t shared = cases[i].v4 == cases[i].v6;

		ipfix->restart(encoder, cases[i].n);
		add_take(encoder, RECORDS_TCP4, cases[i].v4, 0);
		add_take(encoder, RECORDS_TCP4, cases[i].v4, 1);
		add_take(encoder, RECORDS_UDP6, cases[i].v6, 2 * shared);
		add_take(encoder, RECORDS_TCP4, cases[i].v4, 2 + shared);
		g_assert_true(ipfix->announce(encoder, 0, WALL_NS, &message));
		g_assert_cmpuint(message.stream, ==, 0);
		check_header(&message, cases[i].n > 1 ? 0 : 4);
	}
	ipfix->free(encoder);
	template_set_free(set);
}

/* Both templates in one message where they fit, in two where they do not. */
static void
test_announce_split(void)
{
	static const struct {
		uint32_t mtu;
		unsigned n;
		size_t len;
	} cases[] = { { MIN_MTU, 2, 100 }, { 179, 2, 100 }, { 180, 1, 180 } };
	struct template_set *set = ipfix_standard_set();

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct encoder *encoder =
			ipfix->new(set, DOMAIN, cases[i].mtu, NULL);
		struct message message;

		for (unsigned j = 0; j < cases[i].n; j++) {
			g_assert_true(
				ipfix->announce(encoder, j, WALL_NS, &message));
			g_assert_cmpuint(message.len, ==, cases[i].len);
			check_header(&message, 0);
		}
		g_assert_false(ipfix->announce(encoder, cases[i].n, WALL_NS,
					       &message));
		ipfix->free(encoder);
	}
	template_set_free(set);
}

static const char standard_templates[] =
	"000a 00b4 65545fff 00000000 01020304 "
	"0002 00a4 "
	"0100 0013 0008 0004 000c 0004 0007 0002 000b 0002 0004 0001 0005 0001 "
	"0006 0001 003d 0001 0088 0001 003a 0002 003b 0002 0020 0002 000a 0004 "
	"000e 0004 "
	"0001 0008 0002 0004 0098 0008 0099 0008 012e 0001 "
	"0101 0013 001b 0010 001c 0010 0007 0002 000b 0002 0004 0001 0005 0001 "
	"0006 0001 003d 0001 0088 0001 003a 0002 003b 0002 008b 0002 000a 0004 "
	"000e 0004 "
	"0001 0008 0002 0004 0098 0008 0099 0008 012e 0001";

static const char standard_data4[] =
	"000a 00c8 65545fff 00000000 01020304 "
	"0100 00b8 "
	"c0000201 c6336407 9c40 01bb 06 b8 5b 00 03 0000 0000 0000 "
	"00000002 00000000 0102030405060708 0a0b0c0d "
	"0000018bcfe5687b 0000018bcfe5723f 01 "
	"c0000201 c6336407 0016 c351 06 b8 18 01 04 0064 0064 0000 "
	"00000002 0000012c 0102030405060708 0a0b0c0d "
	"0000018bcfe5687b 0000018bcfe5723f 01 "
	"c0000201 c6336407 0000 0800 01 b8 00 00 01 0000 0000 0800 "
	"00000002 00000000 0102030405060708 0a0b0c0d "
	"0000018bcfe5687b 0000018bcfe5723f 01";

static const char standard_data6[] =
	"000a 0068 65545fff 00000003 01020304 "
	"0101 0058 "
	"20010db8000000000000000000010203 20010db8000f000000000000000a0b0c "
	"0035 abcd 11 b8 00 00 01 0000 0000 0000 "
	"00000002 0000012c 0102030405060708 0a0b0c0d "
	"0000018bcfe5687b 0000018bcfe5723f 01";

static void
test_wire(void)
{
	static const enum records_kind kinds[] = { RECORDS_TCP4, RECORDS_EGRESS,
						   RECORDS_UDP6,
						   RECORDS_ICMP4 };
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = ipfix->new(set, DOMAIN, 1400, NULL);
	struct message message;
	struct record record;

	g_assert_true(ipfix->announce(encoder, 0, WALL_NS, &message));
	hex_check(message.data, message.len, standard_templates);
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		records_fill(&record, kinds[i]);
		g_assert_true(ipfix->add(encoder, &record));
	}
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	hex_check(message.data, message.len, standard_data4);
	g_assert_cmpuint(message.tally.packets, ==, 3 * record.value.packets);
	g_assert_cmpuint(message.tally.octets, ==, 3 * record.value.octets);
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	hex_check(message.data, message.len, standard_data6);
	g_assert_false(ipfix->take(encoder, WALL_NS, &message));
	ipfix->free(encoder);
	template_set_free(set);
}

/* An element of somebody's own: the enterprise number goes along. */
static void
test_enterprise(void)
{
	const struct field own = {
		.name = "own",
		.pen = 32473,
		.id = 77,
		.length = 4,
		.kind = FIELD_UINT,
		.from = FIELD_FROM_RECORD,
		.offset = offsetof(struct record, value.packets),
		.size = 4,
	};
	struct template_field tf = { &own, 4 };
	const struct template_set set = {
		.name = (char *)"own",
		.family[TEMPLATE_IPV4] = { &tf, 1, 4 },
	};
	struct encoder *encoder = ipfix->new(&set, DOMAIN, 32, NULL);
	unsigned id = ipfix->template_id(encoder, TEMPLATE_IPV4);
	g_autofree char *announced =
		g_strdup_printf("000a 0020 65545fff 00000000 01020304 "
				"0002 0010 %04x 0001 804d 0004 00007ed9",
				id);
	g_autofree char *data = g_strdup_printf(
		"000a 0018 65545fff 00000000 01020304 %04x 0008 0a0b0c0d", id);
	struct message message;
	struct record record;

	g_assert_true(ipfix->announce(encoder, 0, WALL_NS, &message));
	hex_check(message.data, message.len, announced);
	records_fill(&record, RECORDS_TCP4);
	g_assert_true(ipfix->add(encoder, &record));
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	hex_check(message.data, message.len, data);
	ipfix->free(encoder);
	check_refused(&set, 31,
		      "template set \"own\": a message with one IPv4 template "
		      "takes 32 octets, the mtu is 31");
}

/* A path turns out to be narrow: messages and templates follow, and IDs stay.
 */
static void
test_limit(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = ipfix->new(set, DOMAIN, 1400, NULL);
	g_autoptr(GError) error = NULL;
	struct message message;
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	g_assert_true(ipfix->add(encoder, &record));
	g_assert_false(ipfix->limit(encoder, 100, &error));
	g_assert_nonnull(error);
	g_assert_true(ipfix->limit(encoder, 400, NULL));
	for (unsigned i = 0; ipfix->announce(encoder, i, WALL_NS, &message);
	     i++)
		g_assert_cmpuint(message.len, <=, 400);
	while (ipfix->add(encoder, &record))
		;
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	g_assert_cmpuint(message.len, ==, 20 + (400 - 20) / LEN4 * LEN4);
	g_assert_cmpuint(message.data[16] << 8 | message.data[17], ==,
			 ipfix->template_id(encoder, TEMPLATE_IPV4));
	ipfix->free(encoder);
	template_set_free(set);
}

static void
test_registry(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(encoder_find("ipfix", &error) == ipfix);
	g_assert_no_error(error);
	g_assert_cmpuint(ipfix->default_port, ==, 4739);
	for (const struct field *field = fields; field->name; field++)
		g_assert_cmpuint(ipfix->field_id(NULL, field), ==, field->id);
	g_assert_null(encoder_find("ipfx", &error));
	g_assert_cmpstr(
		error->message, ==,
		"unknown protocol \"ipfx\", known are: ipfix netflow9 json ntopng");
}

static void
add(void)
{
	g_test_add_func("/encode-ipfix/small-mtu", test_small_mtu);
	g_test_add_func("/encode-ipfix/huge-mtu", test_huge_mtu);
	g_test_add_func("/encode-ipfix/sequence", test_sequence);
	g_test_add_func("/encode-ipfix/streams", test_streams);
	g_test_add_func("/encode-ipfix/announce-split", test_announce_split);
	g_test_add_func("/encode-ipfix/wire", test_wire);
	g_test_add_func("/encode-ipfix/enterprise", test_enterprise);
	g_test_add_func("/encode-ipfix/limit", test_limit);
	g_test_add_func("/encode-ipfix/registry", test_registry);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
