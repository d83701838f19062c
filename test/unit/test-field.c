/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each element reads from records. */
#include <string.h>

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
	{ "ethernetType", RECORDS_TCP4, "0800" },
	{ "fragmentFlags", RECORDS_TCP4, "60" },
	{ "dot1qCustomerVlanId", RECORDS_TCP4, "0456" },
	{ "postVlanId", RECORDS_EGRESS, "0064" },
	{ "postDot1qVlanId", RECORDS_EGRESS, "0064" },
	{ "dot1qVlanId", RECORDS_EGRESS, "0064" },
	{ "dot1qPriority", RECORDS_TCP4, "06" },
	{ "dot1qCustomerPriority", RECORDS_TCP4, "05" },
	{ "mplsTopLabelStackSection", RECORDS_TCP4, "102030" },
	{ "mplsLabelStackSection2", RECORDS_TCP4, "112131" },
	{ "mplsLabelStackSection3", RECORDS_TCP4, "122233" },
	{ "minimumTTL", RECORDS_TCP4, "3b" },
	{ "maximumTTL", RECORDS_TCP4, "40" },
	{ "minimumIpTotalLength", RECORDS_TCP4, "0000000000002829" },
	{ "maximumIpTotalLength", RECORDS_TCP4, "0000000000005adc" },
	{ "fragmentOffset", RECORDS_TCP4, "0123" },
	{ "icmpTypeIPv4", RECORDS_ICMP4, "08" },
	{ "icmpTypeIPv4", RECORDS_TCP4, "00" },
	{ "icmpCodeIPv4", RECORDS_ICMP4, "00" },
	{ "icmpTypeIPv6", RECORDS_ICMP6, "87" },
	{ "icmpCodeIPv6", RECORDS_ICMP6, "00" },
	{ "icmpCodeIPv6", RECORDS_UDP6, "00" },
	{ "destinationTransportPort", RECORDS_ICMP6, "8700" },
	{ "ipDiffServCodePoint", RECORDS_TCP4, "2e" },
	{ "octetTotalCount", RECORDS_TCP4, "1112131415161718" },
	{ "packetTotalCount", RECORDS_TCP4, "000000001a1b1c1d" },
	{ "flowStartSysUpTime", RECORDS_TCP4, "cfe5687b" },
	{ "flowEndSysUpTime", RECORDS_TCP4, "cfe5723f" },
	{ "systemInitTimeMilliseconds", RECORDS_TCP4, "0000000000000000" },
	{ "flowStartSeconds", RECORDS_TCP4, "6553f100" },
	{ "flowEndSeconds", RECORDS_TCP4, "6553f102" },
	/* 2208988800 s more, and 0.123456789 * 2^32 = 0x1f9add37.3 */
	{ "flowStartMicroseconds", RECORDS_TCP4, "e8fe6f80 1f9ad800" },
	{ "flowStartNanoseconds", RECORDS_TCP4, "e8fe6f80 1f9add37" },
	{ "flowEndMicroseconds", RECORDS_TCP4, "e8fe6f82 9f9ad800" },
	{ "flowEndNanoseconds", RECORDS_TCP4, "e8fe6f82 9f9add37" },
	{ "flowDurationMilliseconds", RECORDS_TCP4, "000009c4" },
	{ "flowDurationMicroseconds", RECORDS_TCP4, "002625a0" },
	{ "biflowDirection", RECORDS_TCP4, "00" },
	{ "flowId", RECORDS_TCP4, "79d6fbea26998c4c" },
	{ "observationPointId", RECORDS_TCP4, "0000000000000002" },
	{ "observationPointId", RECORDS_EGRESS, "000000000000012c" },
	{ "interfaceName", RECORDS_UDP6,
	  "65746830 00000000 00000000 00000000" },
	{ "interfaceName", RECORDS_EGRESS,
	  "77616e31 00000000 00000000 00000000" },
	{ "interfaceDescription", RECORDS_EGRESS,
	  "75706c696e6b 0000 0000000000000000 0000000000000000 "
	  "0000000000000000 0000000000000000 0000000000000000 "
	  "0000000000000000 0000000000000000" },
	{ "observationDomainId", RECORDS_TCP4, "01020304" },
	{ "exporterIPv4Address", RECORDS_TCP4, "c0000209" },
	{ "exporterIPv6Address", RECORDS_UDP6,
	  "20010db8000000000000000000000009" },
	{ "samplingInterval", RECORDS_TCP4, "00000064" },
	{ "samplingAlgorithm", RECORDS_TCP4, "02" },
	{ "selectorId", RECORDS_TCP4, "0000000000000001" },
	{ "selectorAlgorithm", RECORDS_TCP4, "0001" },
	{ "samplingPacketInterval", RECORDS_TCP4, "00000001" },
	{ "samplingPacketSpace", RECORDS_TCP4, "00000063" },
};

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
		if (!field_is_integer(field)) {
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

static void
check_uint(const char *name, const struct record *record, uint64_t expected)
{
	g_assert_cmpuint(field_uint(field_find(name), record), ==, expected);
}

/* A flow that is not ICMP's own version of ICMP has no type and code; and what
 * it has there is no port either. */
static void
test_icmp(void)
{
	struct record record;

	records_fill(&record, RECORDS_ICMP4);
	record.key.dst_port = 3 << 8 | 13;
	check_uint("icmpTypeCodeIPv4", &record, 3 << 8 | 13);
	check_uint("destinationTransportPort", &record, 3 << 8 | 13);
	check_uint("icmpTypeIPv4", &record, 3);
	check_uint("icmpCodeIPv4", &record, 13);
	record.key.protocol = IPPROTO_ICMPV6;
	check_uint("icmpTypeCodeIPv4", &record, 0);
	check_uint("destinationTransportPort", &record, 0);
	check_uint("icmpTypeIPv4", &record, 0);

	records_fill(&record, RECORDS_ICMP6);
	record.key.dst_port = 4 << 8 | 2;
	check_uint("icmpTypeIPv6", &record, 4);
	check_uint("icmpCodeIPv6", &record, 2);
	record.key.protocol = IPPROTO_ICMP;
	check_uint("icmpCodeIPv6", &record, 0);
	check_uint("destinationTransportPort", &record, 0);
}

/* What is so behind the interface only where it leaves by one. */
static void
test_post(void)
{
	struct record record;

	records_fill(&record, RECORDS_EGRESS);
	check_uint("postVlanId", &record, 100);
	record.key.direction = FLOW_INGRESS;
	check_uint("postVlanId", &record, 0);
	check_uint("vlanId", &record, 100);
}

/* The same in all reports of a flow, and different for each bit of its key and
 * for its next life. */
static void
test_id(void)
{
	const struct field *field = field_find("flowId");
	g_autoptr(GHashTable) seen = g_hash_table_new_full(
		g_int64_hash, g_int64_equal, g_free, NULL);
	struct record record;
	uint64_t id;

	records_fill(&record, RECORDS_TCP4);
	id = field_uint(field, &record);
	record.start_ns++;
	record.value.packets++;
	g_assert_cmphex(field_uint(field, &record), ==, id);
	for (size_t bit = 0; bit < 8 * sizeof(record.key); bit++) {
		uint8_t *at = (uint8_t *)&record.key + bit / 8;

		*at ^= 1 << bit % 8;
		id = field_uint(field, &record);
		*at ^= 1 << bit % 8;
		g_assert_true(g_hash_table_add(seen, g_memdup2(&id, 8)));
	}
	record.value.origin.first_ns++;
	id = field_uint(field, &record);
	g_assert_true(g_hash_table_add(seen, g_memdup2(&id, 8)));
}

/* Uptimes are told since the epoch, and that is told too. */
static void
test_epoch(void)
{
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	g_assert_cmpuint(field_wire(FIELD_UPTIME, 5000999999, &record, 4990),
			 ==, 10);
	g_assert_cmpuint(field_wire(FIELD_EPOCH, 5000999999, &record, 4990), ==,
			 4990);
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
		g_autofree char *path =
			g_strdup_printf("/field/value/%s", field->name);

		g_test_add_data_func(path, field, test_value);
	}
	g_test_add_func("/field/icmp", test_icmp);
	g_test_add_func("/field/post", test_post);
	g_test_add_func("/field/id", test_id);
	g_test_add_func("/field/epoch", test_epoch);
	g_test_add_func("/field/find", test_find);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
