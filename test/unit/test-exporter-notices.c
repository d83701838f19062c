/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the options tables say, of interfaces, flow keys and counters. */
#include <unistd.h>

#include "../hex.h"
#include "../ipfix.h"
#include "../notifier.h"
#include "../tap.h"

/* One set of data, whose records are BODY. */
static void
check_data(struct notifier *f, enum template_options table, const char *body)
{
	struct message message;
	unsigned id = encode_ipfix.template_id(f->encoder,
					       TEMPLATE_OF_OPTIONS(table));

	g_assert_true(
		encode_ipfix.take(f->encoder, NOTIFIER_WALL_NS, &message));
	g_assert_cmphex(ipfix_get32(message.data + 16), ==,
			id << 16 | (message.len - 16));
	hex_check(message.data + 20, message.len - 20, body);
}

static void
add_all(struct notifier *f)
{
	notices_begin(f->notices, NOTIFIER_WALL_NS);
	while (notices_add(f->notices))
		;
	g_assert_false(notices_left(f->notices));
}

/* Each interface there is when its turn comes, by name; without an alias its
 * name describes it. */
static void
test_interfaces(void)
{
	struct notifier f;

	notifier_setup(&f, "\"interfaceNames\"", 0, true);
	notifier_iface(&f, 7, "wan1", "uplink");
	notifier_iface(&f, 2, "eth0", "");
	notifier_iface(&f, 9, "gone0", "");
	notices_begin(f.notices, NOTIFIER_WALL_NS);
	iftable_remove(f.iftable, iftable_find(f.iftable, 9));
	iftable_add(f.iftable, 10, 1);
	while (notices_add(f.notices))
		;
	g_assert_true(notices_left(f.notices)); /* eth0, wan1, gone0: full */
	check_data(&f, OPTIONS_INTERFACE_NAMES,
		   "00000002 65746830000000000000000000000000 "
		   "65746830000000000000000000000000 "
		   "00000000000000000000000000000000 "
		   "00000000000000000000000000000000 "
		   "00000000000000000000000000000000 "
		   "00000007 77616e31000000000000000000000000 "
		   "75706c696e6b00000000000000000000 "
		   "00000000000000000000000000000000 "
		   "00000000000000000000000000000000 "
		   "00000000000000000000000000000000");
	while (notices_add(f.notices))
		;
	g_assert_false(notices_left(f.notices));
	check_data(&f, OPTIONS_INTERFACE_NAMES,
		   "00000009 676f6e65300000000000000000000000 "
		   "676f6e65300000000000000000000000 "
		   "00000000000000000000000000000000 "
		   "00000000000000000000000000000000 "
		   "00000000000000000000000000000000");
	notifier_teardown(&f);
}

/* The set's only family, in which the address and the protocol are keys. */
static void
test_flow_keys(void)
{
	struct notifier f;
	g_autofree char *body = NULL;

	notifier_setup(&f, "\"flowKeys\"", 0, true);
	add_all(&f);
	body = g_strdup_printf(
		"%04x 000000000000000a",
		encode_ipfix.template_id(f.encoder, TEMPLATE_IPV6));
	check_data(&f, OPTIONS_FLOW_KEYS, body);
	notifier_teardown(&f);
}

/* Totals as they are, with the times of the first and the last round that saw
 * them grow. */
static void
test_statistics(void)
{
	struct notifier f;
	g_autofree char *process = g_strdup_printf("%08x", getpid());
	g_autofree char *none = g_strconcat(
		process,
		" 0000000000000000 0000000000000000 0000000000000000 "
		"0000000000000000 0000000000000000",
		NULL);
	g_autofree char *some = g_strconcat(
		process,
		" 0000000000000003 0000000000000004 0000000000000005 "
		"0000018bd196fc18 0000018bd1970000",
		NULL);

	notifier_setup(&f, "\"exportingReliability\"", 0, true);
	add_all(&f);
	check_data(&f, OPTIONS_EXPORTING_RELIABILITY, none);
	for (int i = 0; i < 3; i++) {
		f.sent.records_dropped = MIN(2 + i, 3);
		f.sent.packets_dropped = 4;
		f.sent.octets_dropped = 5;
		notices_begin(f.notices,
			      NOTIFIER_WALL_NS + i * CLOCK_SECOND_NS);
	}
	while (notices_add(f.notices))
		;
	check_data(&f, OPTIONS_EXPORTING_RELIABILITY, some);
	notifier_teardown(&f);
}

static void
test_ignored(void)
{
	struct notifier f;

	notifier_setup(&f, "\"meteringStatistics\", \"meteringReliability\"", 0,
		       true);
	f.stats.kernel.packets_unaccounted = 0x11;
	f.stats.kernel.octets_unaccounted = 0x22;
	f.sent.messages_sent = 0x33;
	f.sent.records_exported = 0x44;
	f.sent.octets_sent = 0x55;
	notices_begin(f.notices, NOTIFIER_WALL_NS);
	g_assert_true(notices_add(f.notices));
	check_data(&f, OPTIONS_METERING_STATISTICS,
		   "01020304 0000000000000033 0000000000000044 "
		   "0000000000000055");
	g_assert_true(notices_add(f.notices));
	check_data(&f, OPTIONS_METERING_RELIABILITY,
		   "01020304 0000000000000011 0000000000000022 "
		   "0000018bd196fc18 0000018bd196fc18");
	notifier_teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/exporter-notices/interfaces", test_interfaces);
	g_test_add_func("/exporter-notices/flow-keys", test_flow_keys);
	g_test_add_func("/exporter-notices/statistics", test_statistics);
	g_test_add_func("/exporter-notices/ignored", test_ignored);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
