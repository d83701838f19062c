/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../records.h"
#include "../tap.h"
#include "print.h"

/* What is printed for the N records at RECORDS, to be freed. */
static char *
printed(struct record *records, size_t n, bool json)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct print *print = print_new(out, json);
	const struct sink sink = print_sink(print);

	for (size_t i = 0; i < n; i++)
		sink_push(&sink, &records[i]);
	sink_flush(&sink);
	g_assert_cmpint(print_error(print), ==, 0);
	print_free(print);
	fclose(out);
	return text;
}

/* The line of RECORD is EXPECTED, where each run of blanks counts as one. */
static void
check_text(struct record *record, const char *expected)
{
	g_autofree char *text = printed(record, 1, false);
	char *line = strchr(text, '\n') + 1, *to = line;

	for (const char *from = line; *from; from++) {
		if (*from != ' ' || from[1] != ' ')
			*to++ = *from;
	}
	*to = '\0';
	g_assert_cmpstr(line, ==, expected);
}

static void
test_text(void)
{
	static const char *const lines[RECORDS_N] = {
		[RECORDS_TCP4] =
			"2023-11-14 22:13:20.123 2.500 in eth0 TCP "
			"192.0.2.1:40000 198.51.100.7:443 .E.AP.SF 0xb8 "
			"168496141 72623859790382856 tcp\n",
		[RECORDS_UDP6] =
			"2023-11-14 22:13:20.123 2.500 in eth0 UDP "
			"[2001:db8::1:203]:53 [2001:db8:f::a:b0c]:43981 "
			"........ 0xb8 168496141 72623859790382856 idle\n",
		[RECORDS_ICMP4] = "2023-11-14 22:13:20.123 2.500 in eth0 ICMP "
				  "192.0.2.1:0 198.51.100.7:8.0 ........ 0xb8 "
				  "168496141 72623859790382856 idle\n",
		[RECORDS_ICMP6] =
			"2023-11-14 22:13:20.123 2.500 out wan1 ICMP6 "
			"[2001:db8::1:203]:0 [2001:db8:f::a:b0c]:135.0 "
			"........ 0xb8 168496141 72623859790382856 active\n",
		[RECORDS_EGRESS] =
			"2023-11-14 22:13:20.123 2.500 out wan1 TCP "
			"192.0.2.1:22 198.51.100.7:50001 ...AP... 0xb8 "
			"168496141 72623859790382856 forced\n",
	};
	struct record record;

	for (int kind = 0; kind < RECORDS_N; kind++) {
		records_fill(&record, kind);
		check_text(&record, lines[kind]);
	}
}

static void
test_header(void)
{
	g_autofree char *text = printed(NULL, 0, false);
	g_autofree char *json = printed(NULL, 0, true);
	g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
	g_autoptr(GString) joined = g_string_new(NULL);

	for (char **word = words; *word; word++) {
		if (**word)
			g_string_append_printf(joined, "%s ", *word);
	}
	g_assert_cmpstr(joined->str, ==,
			"START DURATION DIR IFACE PROTO SRC:PORT DST:PORT "
			"FLAGS TOS PACKETS BYTES END-REASON ");
	g_assert_cmpstr(json, ==, "");
}

/* Short values, and the same columns at their longest. */
static void
fill_extremes(struct record records[2], struct iface *iface)
{
	struct record *wide = &records[1];

	records_fill(&records[0], RECORDS_TCP4);
	records[0].in = NULL;
	records[0].value.packets = records[0].value.octets = 1;
	records[0].end_ns = records[0].start_ns;

	records_fill(wide, RECORDS_ICMP6);
	inet_pton(AF_INET6, "2001:db81:db82:db83:db84:db85:db86:db87",
		  wide->key.src_addr);
	memcpy(wide->key.dst_addr, wide->key.src_addr, 16);
	wide->key.src_port = wide->key.dst_port = 0xffff;
	wide->value.packets = UINT32_MAX;
	wide->value.octets = UINT64_MAX;
	wide->end_ns = wide->start_ns + 999999999 * 1000000ULL;
	strcpy(iface->name, "fifteen-letters");
	wide->out = iface;
}

static void
test_columns(void)
{
	struct iface iface = { .index = 7 };
	struct record records[2];

	fill_extremes(records, &iface);
	g_autofree char *text = printed(records, 2, false);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_auto(GStrv) words = g_strsplit(lines[0], " ", -1);

	for (char **word = words; *word; word++) {
		size_t from = strstr(lines[0], *word) - lines[0];
		size_t to = from + strlen(*word);

		if (!**word)
			continue;
		for (int i = 1; i <= 2; i++) {
			if (strstr("DURATION PACKETS BYTES", *word)) {
				g_assert_cmpint(lines[i][to - 1], !=, ' ');
				g_assert_cmpint(lines[i][to], ==, ' ');
				continue;
			}
			g_assert_cmpint(lines[i][from], !=, ' ');
			if (from > 0)
				g_assert_cmpint(lines[i][from - 1], ==, ' ');
		}
	}
	g_assert_nonnull(strstr(
		lines[2], " 999999.999 out fifteen-letters ICMP6 "
			  "[2001:db81:db82:db83:db84:db85:db86:db87]:65535 "
			  "[2001:db81:db82:db83:db84:db85:db86:db87]:255.255 "
			  "........ 0xb8 4294967295 18446744073709551615 "));
}

static void
test_protocols(void)
{
	static const struct {
		uint8_t number;
		const char *name;
	} cases[] = { { 1, "ICMP" }, { 6, "TCP" },    { 17, "UDP" },
		      { 47, "GRE" }, { 50, "ESP" },   { 58, "ICMP6" },
		      { 0, "0" },    { 132, "SCTP" }, { 255, "255" } };
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		record.key.protocol = cases[i].number;
		g_autofree char *text = printed(&record, 1, false);
		g_autofree char *part = g_strdup_printf(
			" %-5s 192.0.2.1:40000 ", cases[i].name);

		g_assert_nonnull(strstr(text, part));
	}
}

static void
test_end_reasons(void)
{
	static const char *const names[] = {
		"-", "idle", "active", "tcp", "forced", "lack",
	};
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		record.end_reason = i;
		g_autofree char *text = printed(&record, 1, false);
		g_autofree char *tail = g_strdup_printf(" %s\n", names[i]);

		g_assert_true(g_str_has_suffix(text, tail));
	}
}

static void
test_time_zone(void)
{
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	setenv("TZ", "XST-5:30", 1);
	check_text(&record, "2023-11-15 03:43:20.123 2.500 in eth0 TCP "
			    "192.0.2.1:40000 198.51.100.7:443 .E.AP.SF 0xb8 "
			    "168496141 72623859790382856 tcp\n");
	setenv("TZ", "UTC", 1);
}

/* Which of the two, and none that a terminal would obey. */
static void
test_interface_names(void)
{
	struct iface iface = { .name = "\"\\ \x01\x1b[\x7f\xff\xc3\xa9" };
	struct record record;

	records_fill(&record, RECORDS_UDP6);
	record.in = &iface;
	g_autofree char *odd = printed(&record, 1, false);
	record.in = NULL;
	g_autofree char *unknown = printed(&record, 1, false);
	record.key.direction = FLOW_EGRESS;
	g_autofree char *egress = printed(&record, 1, false);

	g_assert_nonnull(strstr(odd, " in  \"\\???[???? "));
	g_assert_nonnull(strstr(unknown, " in  -    "));
	g_assert_nonnull(strstr(egress, " out wan1 "));
}

/* An object a line, with the interface that text shows. */
static void
test_json(void)
{
	struct record records[2];

	records_fill(&records[0], RECORDS_TCP4);
	records_fill(&records[1], RECORDS_EGRESS);
	g_autofree char *text = printed(records, 2, true);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	g_assert_cmpuint(g_strv_length(lines), ==, 3);
	g_assert_true(g_str_has_prefix(lines[0], "{\"sourceIPv4Address\":"));
	g_assert_nonnull(strstr(lines[0], "\"interfaceName\":\"eth0\""));
	g_assert_nonnull(strstr(lines[1], "\"interfaceName\":\"wan1\""));
	g_assert_cmpstr(lines[2], ==, "");
}

static void
test_nobody_reads(void)
{
	struct print *print;
	struct record record;
	struct sink sink;
	int ends[2];
	FILE *out;

	signal(SIGPIPE, SIG_IGN);
	g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
	out = fdopen(ends[1], "w");
	print = print_new(out, false);
	sink = print_sink(print);
	records_fill(&record, RECORDS_TCP4);
	sink_push(&sink, &record);
	sink_flush(&sink);
	g_assert_cmpint(print_error(print), ==, 0);

	close(ends[0]);
	for (int i = 0; i < 2; i++) {
		sink_push(&sink, &record);
		sink_flush(&sink);
		g_assert_cmpint(print_error(print), !=, 0);
	}
	print_free(print);
	fclose(out);
}

static void
add(void)
{
	g_test_add_func("/print/text", test_text);
	g_test_add_func("/print/header", test_header);
	g_test_add_func("/print/columns", test_columns);
	g_test_add_func("/print/protocols", test_protocols);
	g_test_add_func("/print/end-reasons", test_end_reasons);
	g_test_add_func("/print/time-zone", test_time_zone);
	g_test_add_func("/print/interface-names", test_interface_names);
	g_test_add_func("/print/json", test_json);
	g_test_add_func("/print/nobody-reads", test_nobody_reads);
}

int
main(int argc, char **argv)
{
	setenv("TZ", "UTC", 1);
	return tap_main(argc, argv, add);
}
