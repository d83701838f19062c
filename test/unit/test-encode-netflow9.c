/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../hex.h"
#include "../ipfix.h"
#include "../netflow9.h"
#include "../records.h"
#include "../tap.h"
#include "clock.h"
#include "encode.h"

#define SOURCE	 0x01020304
#define EXPORT_S 0x65545fffU
#define WALL_NS	 (EXPORT_S * CLOCK_SECOND_NS - 999999999)
#define START_MS 0x018bcfe5687bULL /* of the known records */
#define END_MS	 (START_MS + 2500)
#define LEN4	 50 /* of the standard set's records */
#define LEN6	 74

static const struct encoder_ops *const v9 = &encode_netflow9;

static void
check_header(const struct message *message, uint16_t count, uint32_t sequence)
{
	g_assert_cmpuint(netflow9_get16(message->data), ==, 9);
	g_assert_cmpuint(netflow9_get16(message->data + 2), ==, count);
	g_assert_cmpuint(ipfix_get32(message->data + 12), ==, sequence);
	g_assert_cmpuint(ipfix_get32(message->data + 16), ==, SOURCE);
}

/* What TIME_MS is relative to the boot that MESSAGE tells of. */
static uint32_t
uptime(const struct message *message, uint64_t time_ms)
{
	return time_ms - netflow9_wall_ms(message, 0);
}

static void
take(struct encoder *encoder, struct message *message)
{
	g_assert_true(v9->take(encoder, WALL_NS, message));
}

static void
add_known(struct encoder *encoder, enum records_kind kind)
{
	struct record record;

	records_fill(&record, kind);
	g_assert_true(v9->add(encoder, &record));
}

static void
check_refused(const struct template_set *set, uint32_t mtu,
	      const char *expected)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(v9->new(set, SOURCE, mtu, &error));
	g_assert_cmpstr(error->message, ==, expected);
}

/* Octets, packets, start and end are 1, 2, 22 and 21: netflow2ng knows no
 * others. */
static void
test_templates(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = v9->new(set, SOURCE, 1400, NULL);
	struct message message;
	g_autofree char *expected = NULL;

	g_assert_true(v9->announce(encoder, 0, WALL_NS, &message));
	expected = g_strdup_printf(
		"0009 0002 %08x 65545fff 00000000 01020304 0000 0094 "
		"0100 0011 0008 0004 000c 0004 0007 0002 000b 0002 0004 0001 "
		"0005 0001 0006 0001 003d 0001 003a 0002 003b 0002 0020 0002 000a 0004 "
		"000e 0004 0001 0008 0002 0004 0016 0004 0015 0004 "
		"0101 0011 001b 0010 001c 0010 0007 0002 000b 0002 0004 0001 "
		"0005 0001 0006 0001 003d 0001 003a 0002 003b 0002 0020 0002 000a 0004 "
		"000e 0004 0001 0008 0002 0004 0016 0004 0015 0004",
		uptime(&message, EXPORT_S * 1000ULL));
	hex_check(message.data, message.len, expected);
	g_assert_cmpuint(message.tally.records, ==, 0);
	g_assert_false(v9->announce(encoder, 1, WALL_NS, &message));
	v9->free(encoder);
	template_set_free(set);
}

static void
test_data(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = v9->new(set, SOURCE, 1400, NULL);
	struct message message;
	g_autofree char *times = NULL, *expected = NULL;

	add_known(encoder, RECORDS_TCP4);
	add_known(encoder, RECORDS_EGRESS);
	add_known(encoder, RECORDS_ICMP6);
	add_known(encoder, RECORDS_ICMP4);
	take(encoder, &message);
	times = g_strdup_printf("%08x %08x ", uptime(&message, START_MS),
				uptime(&message, END_MS));
	expected = g_strdup_printf(
		"0009 0004 %08x 65545fff 00000000 01020304 0100 0068 "
		"c0000201 c6336407 9c40 01bb 06 b8 5b 00 0000 0000 0000 "
		"00000002 00000000 0102030405060708 0a0b0c0d %s"
		"c0000201 c6336407 0016 c351 06 b8 18 01 0064 0064 0000 "
		"00000002 0000012c 0102030405060708 0a0b0c0d %s"
		"0101 0050 20010db8000000000000000000010203 "
		"20010db8000f000000000000000a0b0c "
		"0000 8700 3a b8 00 01 0000 0000 8700 "
		"00000000 0000012c 0102030405060708 0a0b0c0d %s0000"
		"0100 0038 c0000201 c6336407 0000 0800 01 b8 00 00 0000 0000 0800 "
		"00000002 00000000 0102030405060708 0a0b0c0d %s0000",
		uptime(&message, EXPORT_S * 1000ULL), times, times, times,
		times);
	hex_check(message.data, message.len, expected);
	g_assert_cmpuint(message.tally.records, ==, 4);
	v9->free(encoder);
	template_set_free(set);
}

/* Every message counts, and only messages. */
static void
test_sequence(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = v9->new(set, SOURCE, 1400, NULL);
	struct message message;

	g_assert_false(v9->take(encoder, WALL_NS, &message));
	for (uint32_t sequence = 0; sequence < 10; sequence += 2) {
		g_assert_true(v9->announce(encoder, 0, WALL_NS, &message));
		check_header(&message, 2, sequence);
		g_assert_false(v9->announce(encoder, 1, WALL_NS, &message));
		for (int i = 0; i < 3; i++)
			add_known(encoder, RECORDS_TCP4);
		take(encoder, &message);
		check_header(&message, 3, sequence + 1);
		g_assert_false(v9->take(encoder, WALL_NS, &message));
	}
	add_known(encoder, RECORDS_UDP6);
	v9->restart(encoder, 1);
	g_assert_true(v9->announce(encoder, 0, WALL_NS, &message));
	check_header(&message, 2, 0);
	take(encoder, &message);
	check_header(&message, 1, 1);
	v9->free(encoder);
	template_set_free(set);
}

/* Full messages of both families, to the octet, at every mtu. */
static void
test_mtu(void)
{
	struct template_set *set = ipfix_standard_set();

	for (uint32_t mtu = 100; mtu < 420; mtu++) {
		struct encoder *encoder = v9->new(set, SOURCE, mtu, NULL);
		struct message message;
		struct record record;
		size_t n = (mtu / 4 * 4 - 24) / LEN4;

		records_fill(&record, RECORDS_TCP4);
		for (size_t i = 0; i < n; i++)
			g_assert_true(v9->add(encoder, &record));
		g_assert_false(v9->add(encoder, &record));
		take(encoder, &message);
		check_header(&message, n, 0);
		g_assert_cmpuint(message.len, ==, (24 + n * LEN4 + 3) / 4 * 4);

		add_known(encoder, RECORDS_UDP6);
		g_assert_cmpint(v9->add(encoder, &record), ==,
				mtu / 4 * 4 >= 24 + LEN6 + 2 + 4 + LEN4);
		take(encoder, &message);
		g_assert_cmpuint(message.len, <=, mtu);

		g_assert_true(v9->announce(encoder, 0, WALL_NS, &message));
		check_header(&message, mtu < 168 ? 1 : 2, 2);
		g_assert_cmpuint(message.len, ==, mtu < 168 ? 96 : 168);
		g_assert_cmpint(v9->announce(encoder, 1, WALL_NS, &message), ==,
				mtu < 168);
		g_assert_cmpuint(netflow9_get16(message.data + 24), ==,
				 mtu < 168 ? 257 : 256);
		g_assert_false(v9->announce(encoder, 2, WALL_NS, &message));
		v9->free(encoder);
	}
	check_refused(set, 99,
		      "template set \"standard\": a message with one IPv6 "
		      "record takes 100 octets, the mtu is 99");
	check_refused(set, 95,
		      "template set \"standard\": a message with one IPv4 "
		      "template takes 96 octets, the mtu is 95");
	template_set_free(set);
}

static void
test_huge_mtu(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = v9->new(set, SOURCE, 1000000, NULL);
	struct message message;
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	while (v9->add(encoder, &record))
		;
	take(encoder, &message);
	check_header(&message, (65532 - 24) / LEN4, 0);
	v9->free(encoder);
	template_set_free(set);
}

/* FlowSets end on four octets, with zeros where others' records were; but
 * never are the zeros as long as a record, for they would be taken for one. */
static void
test_padding(void)
{
	struct template_field tf4[] = { { field_find("sourceIPv4Address"), 4 },
					{ field_find("flowEndReason"), 1 },
					{ field_find("protocolIdentifier"),
					  1 } };
	struct template_field tf6[] = { { field_find("protocolIdentifier"),
					  1 } };
	const struct template_set set = {
		.name = (char *)"odd",
		.family = { { tf4, 3, 6 }, { tf6, 1, 1 } },
	};
	struct encoder *encoder = v9->new(&set, SOURCE, 45, NULL);
	unsigned id4 = v9->template_id(encoder, TEMPLATE_IPV4);
	unsigned id6 = v9->template_id(encoder, TEMPLATE_IPV6);
	g_autofree char *three = g_strdup_printf(
		"%04x 0014 c0000201 06 c0000201 06 c0000201 06 00", id4);
	g_autofree char *both = g_strdup_printf(
		"%04x 000c c0000201 06 000000 %04x 0005 11", id4, id6);
	struct message message;
	struct record record;

	records_fill(&record, RECORDS_UDP6);
	for (int i = 0; i < 20; i++)
		g_assert_true(v9->add(encoder, &record));
	g_assert_false(v9->add(encoder, &record));
	take(encoder, &message);
	g_assert_cmpuint(message.len, ==, 44);
	for (int i = 0; i < 3; i++)
		add_known(encoder, RECORDS_TCP4);
	take(encoder, &message);
	hex_check(message.data + 20, message.len - 20, three);
	add_known(encoder, RECORDS_TCP4);
	add_known(encoder, RECORDS_UDP6);
	take(encoder, &message);
	hex_check(message.data + 20, message.len - 20, both);
	v9->free(encoder);
}

/* What has no type in NetFlow v9 is left out; something must be left. */
static void
test_left_out(void)
{
	struct template_field tf = { field_find("flowEndReason"), 1 };
	const struct template_set none = {
		.name = (char *)"none",
		.family[TEMPLATE_IPV6] = { &tf, 1, 1 },
	};
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder;
	struct message message;

	check_refused(&none, 1400,
		      "template set \"none\": NetFlow v9 has none of its IPv6 "
		      "elements");
	set->family[TEMPLATE_IPV4].n_fields = 0;
	set->family[TEMPLATE_IPV4].len = 0;
	encoder = v9->new(set, SOURCE, 1400, NULL);
	g_assert_true(v9->announce(encoder, 0, WALL_NS, &message));
	check_header(&message, 1, 0);
	g_assert_cmpuint(message.len, ==, 96);
	g_assert_false(v9->announce(encoder, 1, WALL_NS, &message));
	add_known(encoder, RECORDS_TCP4);
	g_assert_false(v9->take(encoder, WALL_NS, &message));
	add_known(encoder, RECORDS_UDP6);
	take(encoder, &message);
	check_header(&message, 1, 1);
	v9->free(encoder);
	template_set_free(set);
}

static void
test_registry(void)
{
	struct template_set set = { .netflow9_extended = false };

	g_assert_true(encoder_find("netflow9", NULL) == v9);
	g_assert_cmpuint(v9->default_port, ==, 2055);
	for (const struct field *field = fields; field->name; field++)
		g_assert_cmpuint(v9->field_id(&set, field), ==, field->v9);
	set.netflow9_extended = true;
	for (const struct field *field = fields; field->name; field++)
		g_assert_cmpuint(v9->field_id(&set, field), ==,
				 field->v9 ?: field->id);
}

static void
add(void)
{
	g_test_add_func("/encode-netflow9/templates", test_templates);
	g_test_add_func("/encode-netflow9/data", test_data);
	g_test_add_func("/encode-netflow9/sequence", test_sequence);
	g_test_add_func("/encode-netflow9/mtu", test_mtu);
	g_test_add_func("/encode-netflow9/huge-mtu", test_huge_mtu);
	g_test_add_func("/encode-netflow9/padding", test_padding);
	g_test_add_func("/encode-netflow9/left-out", test_left_out);
	g_test_add_func("/encode-netflow9/registry", test_registry);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
