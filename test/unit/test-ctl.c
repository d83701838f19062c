/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What flowexportctl shows: numbers, tables, answers of the daemon.
 */
#include "../tap.h"
#include "ctl_show.h"
#include "ctl_text.h"

static void
expect(char *got, const char *expected)
{
	g_assert_cmpstr(got, ==, expected);
	g_free(got);
}

static void
test_numbers(void)
{
	expect(text_count(0), "0");
	expect(text_count(7), "7");
	expect(text_count(9999), "9999");
	expect(text_count(10000), "10.0 k");
	expect(text_count(12345), "12.3 k");
	expect(text_count(99949), "99.9 k");
	expect(text_count(99950), "100 k");
	expect(text_count(999499), "999 k");
	expect(text_count(999500), "1.00 M");
	expect(text_count(1234567890), "1.23 G");
	expect(text_count(18446744073709551615.0), "18.4 E");
	expect(text_unit(0, "B"), "0 B");
	expect(text_unit(512, "B"), "512 B");
	expect(text_unit(123456, "B"), "123 kB");
	expect(text_unit(9.87e9, "bit/s"), "9.87 Gbit/s");
	expect(text_seconds(0), "0 s");
	expect(text_seconds(59.9), "59 s");
	expect(text_seconds(60), "1 min 0 s");
	expect(text_seconds(3599), "59 min 59 s");
	expect(text_seconds(3600), "1 h 0 min");
	expect(text_seconds(86399), "23 h 59 min");
	expect(text_seconds(400000), "4 d 15 h");
}

static void
test_table(void)
{
	static const char *const columns[] = { "NAME", ">N", "WHAT", NULL };
	struct text_table *table = table_new(columns);
	g_autoptr(GString) out = g_string_new(NULL);

	table_add(table, g_strdup("a\033[2J\nb"));
	table_add(table, g_strdup("12345"));
	table_add(table, NULL);
	table_add(table, g_strdup("\xc3\xbc\xff"));
	table_add(table, g_strdup(""));
	table_add(table, g_strdup("x"));
	table_print(table, out);
	table_free(table);
	g_assert_cmpstr(out->str, ==,
			"NAME               N  WHAT\n"
			"a\\x1b[2J\\x0ab  12345  -\n"
			"\xc3\xbc\\xff              -  x\n");
}

static void
check(ctl_show *command, const char *answer, const char *expected)
{
	g_autoptr(JsonParser) parser = json_parser_new();

	g_assert_true(json_parser_load_from_data(parser, answer, -1, NULL));
	expect(show(command, parser), expected);
}

#define COLLECTOR                                                              \
	"{\"name\":\"main\",\"protocol\":\"ipfix\",\"transport\":\"udp\","     \
	"\"host\":\"192.0.2.1\",\"port\":4739,\"state\":\"up\","               \
	"\"state_seconds\":61.5,\"messages_sent\":10,"                         \
	"\"records_exported\":123456,\"records_dropped\":0,"                   \
	"\"records_waiting\":3,\"send_errors\":1,\"error\":null}"

static void
test_status(void)
{
	check(show_status,
	      "{\"findings\":[],\"version\":\"1.2\",\"uptime_seconds\":5,"
	      "\"kernel\":\"6.1\",\"attached\":\"tcx\",\"interfaces\":"
	      "{\"observed\":2,\"failed\":0,\"pending\":0},\"flows\":"
	      "{\"active\":50,\"peak\":60,\"max\":100},\"rates\":"
	      "{\"packets_per_second\":1.4,\"bits_per_second\":20000,"
	      "\"records_per_second\":0},\"losses\":{},\"collectors\":"
	      "[" COLLECTOR "]}",
	      "all is well\n"
	      "flowexport  1.2, up for 5 s, Linux 6.1\n"
	      "interfaces  2 observed (tcx)\n"
	      "flows       50 of 100 (50 %), at most 60\n"
	      "rates       1 packets/s, 20.0 kbit/s, 0 records/s\n"
	      "losses      none\n"
	      "COLLECTOR  KIND       ADDRESS         STATE             "
	      "RECORDS  WAITING  DROPPED\n"
	      "main       ipfix+udp  192.0.2.1:4739  up for 1 min 1 s    "
	      "123 k        3        0\n");
	check(show_status,
	      "{\"findings\":["
	      "{\"level\":\"note\",\"what\":\"old\",\"remedy\":null},"
	      "{\"level\":\"problem\",\"what\":\"bad\",\"remedy\":\"mend\"},"
	      "{\"level\":\"problem\",\"what\":\"worse\",\"remedy\":null}],"
	      "\"interfaces\":{\"failed\":1,\"pending\":2},"
	      "\"losses\":{\"packets_unaccounted\":{\"total\":7,\"lately\":2},"
	      "\"records_dropped\":{\"total\":20000,\"lately\":0}}}",
	      "2 problems\n"
	      " ! bad\n"
	      "   do: mend\n"
	      " ! worse\n"
	      " - old\n"
	      "flowexport  -, up for 0 s, Linux -\n"
	      "interfaces  0 observed (-), 2 being attached, 1 failed\n"
	      "flows       0 of 0 (0 %), at most 0\n"
	      "rates       0 packets/s, 0 bit/s, 0 records/s\n"
	      "losses      7 packets without a flow (2 in the last minute), "
	      "20.0 k records dropped (0 in the last minute)\n");
}

static void
test_collectors(void)
{
	check(show_collectors, "{\"collectors\":[" COLLECTOR "]}",
	      "NAME  KIND       ADDRESS         STATE             MESSAGES  "
	      "RECORDS  WAITING  DROPPED  ERRORS  LAST ERROR\n"
	      "main  ipfix+udp  192.0.2.1:4739  up for 1 min 1 s        10    "
	      "123 k        3        0       1  -\n");
	check(show_collectors, "{}",
	      "NAME  KIND  ADDRESS  STATE  MESSAGES  RECORDS  WAITING  "
	      "DROPPED  ERRORS  LAST ERROR\n");
}

static void
test_interfaces(void)
{
	check(show_interfaces,
	      "{\"interfaces\":[{\"index\":2,\"name\":\"eth0\","
	      "\"attached\":\"tcx\",\"directions\":\"both\",\"reason\":null,"
	      "\"packets_in\":7,\"octets_in\":700,\"packets_out\":0,"
	      "\"octets_out\":0},{\"index\":10,\"name\":\"lo\","
	      "\"attached\":null,\"directions\":null,"
	      "\"reason\":\"not selected\",\"packets_in\":0,\"octets_in\":0,"
	      "\"packets_out\":0,\"octets_out\":0}]}",
	      "INDEX  NAME  ATTACHED  DIRECTIONS  PACKETS IN  BYTES IN  "
	      "PACKETS OUT  BYTES OUT  WHY NOT\n"
	      "    2  eth0  tcx       both                 7     700 B  "
	      "          0        0 B  -\n"
	      "   10  lo    -         -                    -         -  "
	      "          -          -  not selected\n");
}

static void
test_flows(void)
{
	check(show_flows,
	      "{\"open\":3,\"flows\":["
	      "{\"sourceIPv4Address\":\"10.0.0.1\","
	      "\"destinationIPv4Address\":\"10.0.0.2\","
	      "\"sourceTransportPort\":0,\"destinationTransportPort\":771,"
	      "\"protocolIdentifier\":1,\"flowDirection\":0,"
	      "\"octetDeltaCount\":20000,\"packetDeltaCount\":9,"
	      "\"flowStartMilliseconds\":\"2026-11-23T12:12:36.937682Z\","
	      "\"flowEndMilliseconds\":\"2026-11-23T12:12:38.937135Z\","
	      "\"interfaceName\":\"eth0\"},"
	      "{\"sourceIPv6Address\":\"fd00::1\","
	      "\"destinationIPv6Address\":\"fd00::2\","
	      "\"sourceTransportPort\":5,\"destinationTransportPort\":80,"
	      "\"protocolIdentifier\":6,\"flowDirection\":1,"
	      "\"octetDeltaCount\":9,\"packetDeltaCount\":1,"
	      "\"interfaceName\":null},"
	      "{\"sourceMacAddress\":\"02:00:00:00:00:01\","
	      "\"destinationMacAddress\":\"02:00:00:00:00:02\","
	      "\"ethernetType\":2054,\"protocolIdentifier\":0}]}",
	      "IFACE  DIR  PROTO  SOURCE             DESTINATION        "
	      "PACKETS "
	      "   BYTES  DURATION\n"
	      "eth0   in   ICMP   10.0.0.1:0         10.0.0.2:3.3             "
	      "9 "
	      " 20.0 kB       1 s\n"
	      "-      out  TCP    [fd00::1]:5        [fd00::2]:80             "
	      "1 "
	      "     9 B         -\n"
	      "-      in   0806   02:00:00:00:00:01  02:00:00:00:00:02        "
	      "0 "
	      "     0 B         -\n");
}

/* What is not in a table, either. */
static void
test_names_of_others(void)
{
	check(show_done, "{\"said\":\"\\u001b[2J: one\\u202e\\ntwo\"}",
	      "\\x1b[2J: one\\xe2\\x80\\xae\ntwo\n");
}

static void
test_done(void)
{
	check(show_done, "{\"done\":true,\"said\":null}", "");
	check(show_done,
	      "{\"done\":true,\"said\":\"user: takes a restart\\n\"}",
	      "user: takes a restart\n");
}

/* What another version may send: nothing is taken for granted. */
static void
test_odd(void)
{
	static ctl_show *const shows[] = { show_status,	    show_stats,
					   show_interfaces, show_collectors,
					   show_flows,	    show_done };
	static const char *const answers[] = {
		"{}",
		("{\"findings\":7,\"collectors\":{},\"interfaces\":\"x\","
		 "\"flows\":[1,null,{}],\"counters\":[[]],\"said\":3,"
		 "\"losses\":[]}"),
		("{\"collectors\":[{\"name\":[],\"counters\":[{}]}],"
		 "\"interfaces\":[{\"name\":null}],\"findings\":[{}]}"),
	};

	for (size_t i = 0; i < G_N_ELEMENTS(shows); i++)
		for (size_t j = 0; j < G_N_ELEMENTS(answers); j++) {
			g_autoptr(JsonParser) parser = json_parser_new();
			g_autoptr(GString) out = g_string_new(NULL);

			g_assert_true(json_parser_load_from_data(
				parser, answers[j], -1, NULL));
			shows[i](json_node_get_object(
					 json_parser_get_root(parser)),
				 out);
			g_assert_true(g_utf8_validate(out->str, -1, NULL));
		}
}

static void
add(void)
{
	g_test_add_func("/ctl/numbers", test_numbers);
	g_test_add_func("/ctl/table", test_table);
	g_test_add_func("/ctl/status", test_status);
	g_test_add_func("/ctl/collectors", test_collectors);
	g_test_add_func("/ctl/interfaces", test_interfaces);
	g_test_add_func("/ctl/flows", test_flows);
	g_test_add_func("/ctl/done", test_done);
	g_test_add_func("/ctl/names-of-others", test_names_of_others);
	g_test_add_func("/ctl/odd", test_odd);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
