/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When templates and options tables are sent. */
#include "../ipfix.h"
#include "../notifier.h"
#include "../tap.h"

/* What is taken until nothing is left, a letter a message: Templates or
 * Options, in lower case where they are of domain 0. */
static char *
taken(struct notifier *f)
{
	GString *letters = g_string_new(NULL);
	struct message message;

	while (announce_left(f->announce)) {
		bool statistics;
		char c;

		if (!announce_take(f->announce, NOTIFIER_WALL_NS, &message)) {
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
check_taken(struct notifier *f, const char *expected)
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
	struct notifier f;
	gint64 begin;

	notifier_setup(&f, TABLES, 40, true);
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
	notifier_teardown(&f);
}

/* Where things get lost: templates by messages, too; the rounds' messages keep
 * their distance. */
static void
test_unreliable(void)
{
	struct notifier f;
	struct message message;
	gint64 begin;

	notifier_setup(&f, TABLES, 0, false);
	for (uint32_t i = 1; i <= 20; i++)
		notifier_iface(&f, i, "eth", "");
	announce_tell(f.announce, f.notices);
	check_taken(&f, "");
	announce_burst(f.announce);
	g_assert_true(announce_take(f.announce, NOTIFIER_WALL_NS, &message));
	g_assert_true(announce_take(f.announce, NOTIFIER_WALL_NS, &message));
	g_assert_true(announce_pending(f.announce));
	g_assert_true(announce_take(f.announce, NOTIFIER_WALL_NS, &message));
	g_assert_false(announce_pending(f.announce));
	g_assert_false(announce_take(f.announce, NOTIFIER_WALL_NS, &message));
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
	notifier_teardown(&f);
}

/* A set may name no table: then there is no round. */
static void
test_no_tables(void)
{
	struct notifier f;

	notifier_setup(&f, "", 0, true);
	announce_tell(f.announce, f.notices);
	announce_up(f.announce);
	check_taken(&f, "T");
	notifier_teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/exporter-notices/session", test_session);
	g_test_add_func("/exporter-notices/unreliable", test_unreliable);
	g_test_add_func("/exporter-notices/no-tables", test_no_tables);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
