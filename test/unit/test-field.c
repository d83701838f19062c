/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fixbuf/public.h>

#include "../hex.h"
#include "../records.h"
#include "../tap.h"
#include "field.h"

/* What each row reads from which record; at least one line for each row. */
static const struct expectation {
	const char *name;
	enum records_kind kind;
	const char *hex; /* on the wire, at full length */
} expectations[] = {
	{ "sourceIPv4Address", RECORDS_TCP4, "c0000201" },
	{ "destinationIPv4Address", RECORDS_TCP4, "c6336407" },
	{ "sourceIPv6Address", RECORDS_UDP6,
	  "20010db8 00000000 00000000 00010203" },
	{ "destinationIPv6Address", RECORDS_UDP6,
	  "20010db8 000f0000 00000000 000a0b0c" },
	{ "sourceTransportPort", RECORDS_TCP4, "9c40" },
	{ "destinationTransportPort", RECORDS_TCP4, "01bb" },
	{ "destinationTransportPort", RECORDS_ICMP4, "0800" },
	{ "protocolIdentifier", RECORDS_UDP6, "11" },
	{ "ipVersion", RECORDS_TCP4, "04" },
	{ "ipVersion", RECORDS_UDP6, "06" },
	{ "ipClassOfService", RECORDS_TCP4, "b8" },
	{ "ipTTL", RECORDS_TCP4, "3f" },
	{ "flowLabelIPv6", RECORDS_UDP6, "00098765" },
	{ "tcpControlBits", RECORDS_TCP4, "015b" },
	{ "icmpTypeCodeIPv4", RECORDS_ICMP4, "0800" },
	{ "icmpTypeCodeIPv4", RECORDS_TCP4, "0000" },
	{ "icmpTypeCodeIPv6", RECORDS_ICMP6, "8700" },
	{ "icmpTypeCodeIPv6", RECORDS_UDP6, "0000" },
	{ "sourceMacAddress", RECORDS_TCP4, "021122334455" },
	{ "destinationMacAddress", RECORDS_TCP4, "02aabbccddee" },
	{ "vlanId", RECORDS_EGRESS, "0064" },
	{ "flowDirection", RECORDS_TCP4, "00" },
	{ "flowDirection", RECORDS_EGRESS, "01" },
	{ "ingressInterface", RECORDS_UDP6, "00000002" },
	{ "ingressInterface", RECORDS_ICMP6, "00000000" }, /* none */
	{ "egressInterface", RECORDS_UDP6, "0000012c" },
	{ "egressInterface", RECORDS_TCP4, "00000000" }, /* none */
	{ "octetDeltaCount", RECORDS_TCP4, "0102030405060708" },
	{ "packetDeltaCount", RECORDS_TCP4, "000000000a0b0c0d" },
	{ "flowStartMilliseconds", RECORDS_TCP4, "0000018bcfe5687b" },
	{ "flowEndMilliseconds", RECORDS_TCP4, "0000018bcfe5723f" },
	{ "flowEndReason", RECORDS_TCP4, "03" },
	{ "flowEndReason", RECORDS_EGRESS, "04" },
};

static bool
is_integer(const struct field *field)
{
	return field->kind == FIELD_UINT || field->kind == FIELD_ICMP ||
	       field->kind == FIELD_MSEC;
}

/* libfixbuf's type of what FIELD sends. */
static uint8_t
model_type(const struct field *field)
{
	switch (field->kind) {
	case FIELD_BYTES:
		return FB_IP6_ADDR;
	case FIELD_IPV4:
		return FB_IP4_ADDR;
	case FIELD_MAC:
		return FB_MAC_ADDR;
	case FIELD_MSEC:
		return FB_DT_MILSEC;
	}
	switch (field->length) {
	case 1:
		return FB_UINT_8;
	case 2:
		return FB_UINT_16;
	case 4:
		return FB_UINT_32;
	default:
		g_assert_cmpint(field->length, ==, 8);
		return FB_UINT_64;
	}
}

/* RFC 3954 8 */
static uint16_t
v9_type(const struct field *field)
{
	static const struct {
		uint16_t id, v9;
	} others[] = {
		{ 139, 32 }, /* ICMP_TYPE, of either version */
		{ 152, 22 }, /* FIRST_SWITCHED */
		{ 153, 21 }, /* LAST_SWITCHED */
	};

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		if (others[i].id == field->id)
			return others[i].v9;
	}
	return field->id < 128 ? field->id : 0;
}

static void
test_model(gconstpointer data)
{
	const struct field *field = data;
	fbInfoModel_t *model = fbInfoModelAlloc();
	const fbInfoElement_t *element =
		fbInfoModelGetElementByName(model, field->name);

	g_assert_nonnull(element);
	g_assert_cmpint(field->pen, ==, element->ent);
	g_assert_cmpint(field->id, ==, element->num);
	g_assert_cmpint(field->length, ==, element->len);
	g_assert_cmpint(model_type(field), ==, element->type);
	g_assert_cmpint(field->v9, ==, v9_type(field));
	fbInfoModelFree(model);
}

static void
test_value(gconstpointer data)
{
	const struct field *field = data;
	int n_tested = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(expectations); i++) {
		const struct expectation *expected = &expectations[i];
		struct record record;
		uint64_t wire;

		if (strcmp(expected->name, field->name) != 0)
			continue;
		records_fill(&record, expected->kind);
		n_tested++;
		if (!is_integer(field)) {
			hex_check(field_at(field, &record), field->length,
				  expected->hex);
			continue;
		}
		wire = GUINT64_TO_BE(field_uint(field, &record));
		hex_check((uint8_t *)&wire + 8 - field->length, field->length,
			  expected->hex);
	}
	g_assert_cmpint(n_tested, >, 0);
}

/* A flow that is not ICMP's own version of ICMP has no type and code. */
static void
test_icmp(void)
{
	const struct field *field = field_find("icmpTypeCodeIPv4");
	struct record record;

	records_fill(&record, RECORDS_ICMP4);
	g_assert_cmpuint(field_uint(field, &record), ==, 0x0800);
	record.key.protocol = IPPROTO_ICMPV6;
	g_assert_cmpuint(field_uint(field, &record), ==, 0);
}

static void
test_find(void)
{
	for (const struct field *field = fields; field->name; field++)
		g_assert_true(field_find(field->name) == field);
	g_assert_null(field_find("sourceIPv4Addres"));
	g_assert_null(field_find("sourceipv4address"));
	g_assert_null(field_find(""));
}

static void
add(void)
{
	for (const struct field *field = fields; field->name; field++) {
		g_autofree char *model =
			g_strdup_printf("/field/model/%s", field->name);
		g_autofree char *value =
			g_strdup_printf("/field/value/%s", field->name);

		g_test_add_data_func(model, field, test_model);
		g_test_add_data_func(value, field, test_value);
	}
	g_test_add_func("/field/icmp", test_icmp);
	g_test_add_func("/field/find", test_find);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
