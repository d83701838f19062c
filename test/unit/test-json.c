/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../records.h"
#include "../tap.h"
#include "json.h"

/* The line of RECORD, to be freed, where it was observed on INTERFACE. */
static char *
printed(const struct record *record, const char *interface)
{
	struct record copy = *record;
	struct iface own;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (copy.key.direction == FLOW_INGRESS) {
		own = *copy.in;
		copy.in = &own;
	} else {
		own = *copy.out;
		copy.out = &own;
	}
	g_strlcpy(own.name, interface ? interface : "", sizeof(own.name));
	json_write(out, NULL, &copy);
	fclose(out);
	return text;
}

static void
check_json(const struct record *record, const char *interface,
	   const char *expected)
{
	g_autofree char *text = printed(record, interface);

	g_assert_cmpstr(text, ==, expected);
}

static void
test_ipv4(void)
{
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	record.duplicate = true;
	check_json(&record, "eth0",
		   "{\"sourceIPv4Address\":\"192.0.2.1\","
		   "\"destinationIPv4Address\":\"198.51.100.7\","
		   "\"sourceTransportPort\":40000,"
		   "\"destinationTransportPort\":443,"
		   "\"protocolIdentifier\":6,\"ipVersion\":4,"
		   "\"ipClassOfService\":184,\"ipTTL\":63,"
		   "\"tcpControlBits\":347,"
		   "\"sourceMacAddress\":\"02:11:22:33:44:55\","
		   "\"destinationMacAddress\":\"02:aa:bb:cc:dd:ee\","
		   "\"vlanId\":0,\"flowDirection\":0,"
		   "\"ingressInterface\":2,\"egressInterface\":0,"
		   "\"octetDeltaCount\":72623859790382856,"
		   "\"packetDeltaCount\":168496141,"
		   "\"flowStartMilliseconds\":"
		   "\"2023-11-14T22:13:20.123456Z\","
		   "\"flowEndMilliseconds\":"
		   "\"2023-11-14T22:13:22.623456Z\","
		   "\"flowEndReason\":3,\"ethernetType\":2048,"
		   "\"fragmentFlags\":96,\"dot1qCustomerVlanId\":1110,"
		   "\"interfaceName\":\"eth0\",\"duplicate\":true}\n");
}

static void
test_ipv6(void)
{
	struct record record;

	records_fill(&record, RECORDS_ICMP6);
	check_json(&record, "wan1",
		   "{\"sourceIPv6Address\":\"2001:db8::1:203\","
		   "\"destinationIPv6Address\":\"2001:db8:f::a:b0c\","
		   "\"sourceTransportPort\":0,"
		   "\"destinationTransportPort\":34560,"
		   "\"protocolIdentifier\":58,\"ipVersion\":6,"
		   "\"ipClassOfService\":184,\"ipTTL\":63,"
		   "\"flowLabelIPv6\":624485,\"tcpControlBits\":0,"
		   "\"icmpTypeCodeIPv6\":34560,"
		   "\"sourceMacAddress\":\"02:11:22:33:44:55\","
		   "\"destinationMacAddress\":\"02:aa:bb:cc:dd:ee\","
		   "\"vlanId\":0,\"flowDirection\":1,"
		   "\"ingressInterface\":0,\"egressInterface\":300,"
		   "\"octetDeltaCount\":72623859790382856,"
		   "\"packetDeltaCount\":168496141,"
		   "\"flowStartMilliseconds\":"
		   "\"2023-11-14T22:13:20.123456Z\","
		   "\"flowEndMilliseconds\":"
		   "\"2023-11-14T22:13:22.623456Z\","
		   "\"flowEndReason\":2,\"ethernetType\":2048,"
		   "\"fragmentFlags\":96,\"dot1qCustomerVlanId\":1110,"
		   "\"interfaceName\":\"wan1\",\"duplicate\":false}\n");
}

/* What is not IP has none of its elements. */
static void
test_other(void)
{
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	record.key.family = FLOW_OTHER;
	check_json(&record, "eth0",
		   "{\"sourceMacAddress\":\"02:11:22:33:44:55\","
		   "\"destinationMacAddress\":\"02:aa:bb:cc:dd:ee\","
		   "\"vlanId\":0,\"flowDirection\":0,"
		   "\"ingressInterface\":2,\"egressInterface\":0,"
		   "\"octetDeltaCount\":72623859790382856,"
		   "\"packetDeltaCount\":168496141,"
		   "\"flowStartMilliseconds\":"
		   "\"2023-11-14T22:13:20.123456Z\","
		   "\"flowEndMilliseconds\":"
		   "\"2023-11-14T22:13:22.623456Z\","
		   "\"flowEndReason\":3,\"ethernetType\":2048,"
		   "\"dot1qCustomerVlanId\":1110,"
		   "\"interfaceName\":\"eth0\",\"duplicate\":false}\n");
}

static void
test_icmp(void)
{
	struct record record;

	records_fill(&record, RECORDS_ICMP4);
	g_autofree char *own = printed(&record, "eth0");
	record.key.protocol = IPPROTO_ICMPV6;
	g_autofree char *other = printed(&record, "eth0");

	g_assert_nonnull(strstr(own, ",\"icmpTypeCodeIPv4\":2048,"));
	g_assert_null(strstr(other, "icmp"));
}

/* Names are any bytes, JSON is UTF-8. */
static void
test_interface_names(void)
{
	static const char *const cases[][2] = {
		{ NULL, "null" },
		{ "", "null" },
		{ "\"\\/", "\"\\\"\\\\/\"" },
		{ "\x01\n\x1b\x7f", "\"\\u0001\\u000a\\u001b\\u007f\"" },
		{ "\x1f\xc2\x9b\xe2\x80\xae", "\"\\u001f\\u009b\\u202e\"" },
		{ "\xf3\xa0\x80\x81", "\"\\udb40\\udc01\"" },
		{ "\xc3\xa9 \xe2\x82\xac", "\"\xc3\xa9 \xe2\x82\xac\"" },
		{ "a\xff\xc0\x80z", "\"a\\ufffd\\ufffd\\ufffdz\"" },
		{ "cut \xe2\x82", "\"cut \\ufffd\\ufffd\"" },
	};
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = printed(&record, cases[i][0]);
		g_autofree char *part = g_strdup_printf(
			",\"interfaceName\":%s,\"duplicate\":false}\n",
			cases[i][1]);

		g_assert_true(g_str_has_suffix(text, part));
	}
}

/* Greenwich's, wherever we are. */
static void
test_time_zone(void)
{
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	setenv("TZ", "XST-5:30", 1);
	tzset();
	record.start_ns = 951782399000001999ULL;
	g_autofree char *text = printed(&record, NULL);

	g_assert_nonnull(strstr(text, ":\"2000-02-28T23:59:59.000001Z\","));
}

static void
add(void)
{
	g_test_add_func("/json/ipv4", test_ipv4);
	g_test_add_func("/json/ipv6", test_ipv6);
	g_test_add_func("/json/other", test_other);
	g_test_add_func("/json/icmp", test_icmp);
	g_test_add_func("/json/interface-names", test_interface_names);
	g_test_add_func("/json/time-zone", test_time_zone);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
