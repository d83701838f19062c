/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <unistd.h>

#include "../hex.h"
#include "../ipfix.h"
#include "../records.h"
#include "../sets.h"
#include "../tap.h"
#include "clock.h"
#include "exporter_announce.h"
#include "exporter_notices.h"

#define DOMAIN	 0x01020304
#define EXPORT_S 0x65545fffU
#define WALL_NS	 ((uint64_t)EXPORT_S * CLOCK_SECOND_NS)
#define MTU	 220

struct fixture {
	struct template_set *set;
	struct encoder *encoder;
	struct iftable *iftable;
	struct stats stats;
	struct transport_stats sent;
	struct collector collector;
	struct exporter_sources sources;
	struct notices *notices;
	struct announce *announce;
	GMainLoop *loop;
};

static const struct stats *
stats_now(void *to)
{
	return &((struct fixture *)to)->stats;
}

static void
add_iface(struct iftable *iftable, uint32_t index, const char *name,
	  const char *alias)
{
	struct iface *iface = iftable_add(iftable, index, 1);

	g_strlcpy(iface->name, name, sizeof(iface->name));
	g_strlcpy(iface->alias, alias, sizeof(iface->alias));
}

static void
due(void *to)
{
	g_main_loop_quit(((struct fixture *)to)->loop);
}

static void
setup(struct fixture *f, const char *tables, uint64_t refresh_ms, bool reliable)
{
	g_autofree char *text = g_strdup_printf(
		"ipv6 = [ \"octetDeltaCount\", \"sourceIPv6Address\",\n"
		"\"ingressInterface\", \"protocolIdentifier\" ];\n"
		"options = [ %s ];",
		tables);

	memset(f, 0, sizeof(*f));
	f->loop = g_main_loop_new(NULL, FALSE);
	f->set = sets_of(text);
	f->encoder = encode_ipfix.new(f->set, DOMAIN, MTU, NULL);
	f->iftable = iftable_new();
	f->sources = (struct exporter_sources){
		.meter = &records_meter,
		.iftable = f->iftable,
		.stats = stats_now,
		.to = f,
	};
	f->collector.options_refresh_ns = refresh_ms * 1000000;
	f->collector.template_refresh_packets = 2;
	f->notices = notices_new(&(struct notices_args){
		.sources = &f->sources,
		.set = f->set,
		.encode = &encode_ipfix,
		.encoder = f->encoder,
		.stats = &f->sent,
	});
	f->announce = announce_new(&(struct announce_args){
		.collector = &f->collector,
		.encode = &encode_ipfix,
		.encoder = f->encoder,
		.reliable = reliable,
		.hasty = reliable,
		.due = due,
		.to = f,
	});
}

static void
teardown(struct fixture *f)
{
	announce_free(f->announce);
	notices_free(f->notices);
	iftable_free(f->iftable);
	encode_ipfix.free(f->encoder);
	template_set_free(f->set);
	g_main_loop_unref(f->loop);
}

/* One set of data, whose records are BODY. */
static void
check_data(struct fixture *f, enum template_options table, const char *body)
{
	struct message message;
	unsigned id = encode_ipfix.template_id(f->encoder,
					       TEMPLATE_OF_OPTIONS(table));

	g_assert_true(encode_ipfix.take(f->encoder, WALL_NS, &message));
	g_assert_cmphex(ipfix_get32(message.data + 16), ==,
			id << 16 | (message.len - 16));
	hex_check(message.data + 20, message.len - 20, body);
}

static void
add_all(struct fixture *f)
{
	notices_begin(f->notices, WALL_NS);
	while (notices_add(f->notices))
		;
	g_assert_false(notices_left(f->notices));
}

/* Each interface there is when its turn comes, by name; without an alias its
 * name describes it. */
static void
test_interfaces(void)
{
	struct fixture f;

	setup(&f, "\"interfaceNames\"", 0, true);
	add_iface(f.iftable, 7, "wan1", "uplink");
	add_iface(f.iftable, 2, "eth0", "");
	add_iface(f.iftable, 9, "gone0", "");
	notices_begin(f.notices, WALL_NS);
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
	teardown(&f);
}

/* The set's only family, in which the address and the protocol are keys. */
static void
test_flow_keys(void)
{
	struct fixture f;
	g_autofree char *body = NULL;

	setup(&f, "\"flowKeys\"", 0, true);
	add_all(&f);
	body = g_strdup_printf(
		"%04x 000000000000000a",
		encode_ipfix.template_id(f.encoder, TEMPLATE_IPV6));
	check_data(&f, OPTIONS_FLOW_KEYS, body);
	teardown(&f);
}

/* Totals as they are, with the times of the first and the last round that saw
 * them grow. */
static void
test_statistics(void)
{
	struct fixture f;
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

	setup(&f, "\"exportingReliability\"", 0, true);
	add_all(&f);
	check_data(&f, OPTIONS_EXPORTING_RELIABILITY, none);
	for (int i = 0; i < 3; i++) {
		f.sent.records_dropped = MIN(2 + i, 3);
		f.sent.packets_dropped = 4;
		f.sent.octets_dropped = 5;
		notices_begin(f.notices, WALL_NS + i * CLOCK_SECOND_NS);
	}
	while (notices_add(f.notices))
		;
	check_data(&f, OPTIONS_EXPORTING_RELIABILITY, some);
	teardown(&f);
}

static void
test_ignored(void)
{
	struct fixture f;

	setup(&f, "\"meteringStatistics\", \"meteringReliability\"", 0, true);
	f.stats.kernel.packets_unaccounted = 0x11;
	f.stats.kernel.octets_unaccounted = 0x22;
	f.sent.messages_sent = 0x33;
	f.sent.records_exported = 0x44;
	f.sent.octets_sent = 0x55;
	notices_begin(f.notices, WALL_NS);
	g_assert_true(notices_add(f.notices));
	check_data(&f, OPTIONS_METERING_STATISTICS,
		   "01020304 0000000000000033 0000000000000044 "
		   "0000000000000055");
	g_assert_true(notices_add(f.notices));
	check_data(&f, OPTIONS_METERING_RELIABILITY,
		   "01020304 0000000000000011 0000000000000022 "
		   "0000018bd196fc18 0000018bd196fc18");
	teardown(&f);
}

/* What is taken until nothing is left, a letter a message: Templates or
 * Options, in lower case where they are of domain 0. */
static char *
taken(struct fixture *f)
{
	GString *letters = g_string_new(NULL);
	struct message message;

	while (announce_left(f->announce)) {
		bool statistics;
		char c;

		if (!announce_take(f->announce, WALL_NS, &message)) {
			if (announce_left(f->announce))
				g_usleep(1000);
			continue;
		}
		statistics = ipfix_get32(message.data + 12) == 0;
		c = ipfix_get32(message.data + 16) >> 16 < 256 ? 'T' : 'O';
		g_string_append_c(letters, statistics ? g_ascii_tolower(c) : c);
	}
	return g_string_free(letters, FALSE);
}

static void
check_taken(struct fixture *f, const char *expected)
{
	g_autofree char *letters = taken(f);

	g_assert_cmpstr(letters, ==, expected);
}

#define TABLES                                                                 \
	"\"samplingInterval\", \"interfaceList\", \"exportingReliability\""

/* A session: templates, then one round; another where that is due. */
static void
test_session(void)
{
	struct fixture f;
	gint64 begin;

	setup(&f, TABLES, 40, true);
	announce_tell(f.announce, f.notices);
	check_taken(&f, "");
	announce_up(f.announce);
	g_assert_true(announce_pending(f.announce));
	check_taken(&f, "TtOo");
	g_assert_false(announce_pending(f.announce));
	announce_sent(f.announce);
	announce_sent(f.announce);
	announce_amid(f.announce); /* reliable: not by messages */
	check_taken(&f, "");
	begin = g_get_monotonic_time();
	g_main_loop_run(f.loop);
	g_assert_cmpint(g_get_monotonic_time() - begin, >=, 20000);
	check_taken(&f, "Oo");
	announce_up(f.announce);
	check_taken(&f, "TtOo");
	announce_missed(f.announce); /* as a file does that was full */
	check_taken(&f, "");
	announce_burst(f.announce);
	check_taken(&f, "TtOo");
	teardown(&f);
}

/* Where things get lost: templates by messages, too; the rounds' messages keep
 * their distance. */
static void
test_unreliable(void)
{
	struct fixture f;
	struct message message;
	gint64 begin;

	setup(&f, TABLES, 0, false);
	for (uint32_t i = 1; i <= 20; i++)
		add_iface(f.iftable, i, "eth", "");
	announce_tell(f.announce, f.notices);
	check_taken(&f, "");
	announce_burst(f.announce);
	g_assert_true(announce_take(f.announce, WALL_NS, &message));
	g_assert_true(announce_take(f.announce, WALL_NS, &message));
	g_assert_true(announce_pending(f.announce));
	g_assert_true(announce_take(f.announce, WALL_NS, &message));
	g_assert_false(announce_pending(f.announce));
	g_assert_false(announce_take(f.announce, WALL_NS, &message));
	begin = g_get_monotonic_time();
	check_taken(&f, "OOo"); /* 7 of 24 octets, 8, 5 */
	g_assert_cmpint(g_get_monotonic_time() - begin, >=, 15000);

	announce_sent(f.announce);
	announce_amid(f.announce);
	check_taken(&f, "");
	announce_sent(f.announce);
	announce_amid(f.announce);
	check_taken(&f, "Tt");
	announce_missed(f.announce);
	announce_amid(f.announce);
	check_taken(&f, "");
	announce_burst(f.announce);
	check_taken(&f, "Tt");
	teardown(&f);
}

/* A set may name no table: then there is no round. */
static void
test_no_tables(void)
{
	struct fixture f;

	setup(&f, "", 0, true);
	announce_tell(f.announce, f.notices);
	announce_up(f.announce);
	check_taken(&f, "T");
	teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/exporter-notices/interfaces", test_interfaces);
	g_test_add_func("/exporter-notices/flow-keys", test_flow_keys);
	g_test_add_func("/exporter-notices/statistics", test_statistics);
	g_test_add_func("/exporter-notices/ignored", test_ignored);
	g_test_add_func("/exporter-notices/session", test_session);
	g_test_add_func("/exporter-notices/unreliable", test_unreliable);
	g_test_add_func("/exporter-notices/no-tables", test_no_tables);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
