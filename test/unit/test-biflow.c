/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../hex.h"
#include "../ipfix.h"
#include "../records.h"
#include "../tap.h"
#include "biflow.h"
#include "clock.h"
#include "encode.h"

#define S CLOCK_SECOND_NS

enum { CLIENT = 40000, SERVER = 443 };

struct fixture {
	struct biflow *biflow;
	struct sink sink;
	GString *got; /* a word for each record */
	uint64_t joined;
};

/* Who sends how many packets, back or not, and who is told to have begun. */
static void
keep(void *to, struct record *record)
{
	struct fixture *f = to;

	g_string_append_printf(f->got, " %s%u",
			       record->key.src_port == SERVER ? "s" : "c",
			       record->value.packets);
	if (record->reverse.end_ns)
		g_string_append_printf(
			f->got, "/%u%s", record->reverse.packets,
			record->reverse.biflow == BIFLOW_INITIATOR ? "" : "?");
}

static void
forget(void *to)
{
	(void)to;
}

static GSourceFunc on_second;
static gpointer of_second;
static uint64_t boot_ns;

/* Before GLib's: seconds pass when we say so. */
guint
g_timeout_add_seconds(guint interval, GSourceFunc function, gpointer data)
{
	g_assert_cmpuint(interval, ==, 1);
	on_second = function;
	of_second = data;
	return 1;
}

gboolean(g_source_remove)(guint tag)
{
	g_assert_cmpuint(tag, ==, 1);
	return TRUE;
}

/* And the C library's, but for what GLib wants itself. */
int
clock_gettime(clockid_t id, struct timespec *t)
{
	if (id != CLOCK_BOOTTIME)
		return syscall(SYS_clock_gettime, id, t);
	*t = (struct timespec){ boot_ns / S, boot_ns % S };
	return 0;
}

static void
pass_second(void)
{
	boot_ns += S;
	g_assert_true(on_second(of_second));
}

static void
setup_as(struct fixture *f, uint32_t max, bool live)
{
	const struct sink sink = { keep, forget, f };

	f->got = g_string_new(NULL);
	f->joined = 0;
	f->biflow = biflow_new(max, live, &sink, &f->joined);
	f->sink = biflow_sink(f->biflow);
}

static void
setup_max(struct fixture *f, uint32_t max)
{
	setup_as(f, max, false);
}

static void
setup(struct fixture *f)
{
	setup_max(f, 16);
}

static void
teardown(struct fixture *f)
{
	biflow_free(f->biflow);
	g_string_free(f->got, TRUE);
}

/* The client's record of a TCP flow, or the server's, reported at END_S. */
static struct record
make(uint16_t src_port, uint64_t first_ns, unsigned end_s, uint32_t packets)
{
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	if (src_port == SERVER) {
		memcpy(record.key.src_addr + 12, "\xc6\x33\x64\x07", 4);
		memcpy(record.key.dst_addr + 12, "\xc0\x00\x02\x01", 4);
		record.key.src_port = SERVER;
		record.key.dst_port = CLIENT;
		record.key.if_index = 77; /* wherever */
		record.value.tcp_flags = 0x12;
		record.key.tos = 0x20;
	}
	record.value.packets = packets;
	record.value.origin.first_ns = first_ns;
	record.end_ns = end_s * S;
	record.start_ns = record.end_ns - S;
	return record;
}

static void
push(struct fixture *f, uint16_t src_port, uint64_t first_ns, unsigned end_s,
     uint32_t packets)
{
	struct record record = make(src_port, first_ns, end_s, packets);

	sink_push(&f->sink, &record);
}

static void
expect(struct fixture *f, const char *expected)
{
	g_assert_cmpstr(f->got->str, ==, expected);
	g_string_truncate(f->got, 0);
}

/* Whoever is reported first, the source is who sent first. */
static void
test_initiator(void)
{
	struct fixture f;

	setup(&f);
	push(&f, CLIENT, 100, 10, 1);
	expect(&f, "");
	push(&f, SERVER, 200, 10, 2);
	expect(&f, " c1/2");
	biflow_release(f.biflow);
	expect(&f, "");
	teardown(&f);

	setup(&f);
	push(&f, SERVER, 200, 10, 3);
	push(&f, CLIENT, 100, 11, 4);
	expect(&f, " c4/3");
	g_assert_cmpuint(f.joined, ==, 1);
	teardown(&f);
}

/* And it stays that, though it was quiet meanwhile and begins anew. */
static void
test_life(void)
{
	struct fixture f;

	setup(&f);
	push(&f, CLIENT, 100, 10, 1);
	push(&f, SERVER, 200, 10, 2);
	push(&f, SERVER, 200, 70, 3);
	push(&f, SERVER, 200, 130, 4);
	expect(&f, " c1/2 s3");
	push(&f, CLIENT, 125 * S, 130, 5);
	expect(&f, " c5/4");
	teardown(&f);
}

/* Forgotten, after long enough: who sends first now is the source. */
static void
test_memory(void)
{
	struct fixture f;

	setup(&f);
	push(&f, CLIENT, 100, 10, 1);
	push(&f, SERVER, 200, 10, 2);
	push(&f, SERVER, 200, 400, 3);
	push(&f, CLIENT, 390 * S, 400, 4);
	expect(&f, " c1/2 s3/4");
	teardown(&f);
}

/* Nobody can tell. */
static void
test_arbitrary(void)
{
	struct fixture f;

	setup(&f);
	push(&f, SERVER, 100, 10, 1);
	push(&f, CLIENT, 100, 10, 2);
	push(&f, CLIENT, 100, 20, 3);
	push(&f, SERVER, 100, 20, 4);
	expect(&f, " c2/1? c3/4?");
	teardown(&f);
}

/* Who is not met goes on alone, after three seconds at most. */
static void
test_hold(void)
{
	struct fixture f;

	setup(&f);
	push(&f, CLIENT, 100, 10, 1);
	push(&f, CLIENT, 100, 12, 2);
	expect(&f, " c1");
	push(&f, CLIENT, 100, 14, 3);
	expect(&f, " c2");
	push(&f, SERVER, 100000, 17, 4);
	expect(&f, " c3");
	biflow_release(f.biflow);
	expect(&f, " s4");
	g_assert_cmpuint(f.joined, ==, 0);
	teardown(&f);
}

/* Live, too, whatever becomes of the wall clock. */
static void
test_live(void)
{
	struct fixture f;

	boot_ns = 1000 * S;
	setup_as(&f, 16, true);
	push(&f, CLIENT, 100, 100000, 1);
	for (int i = 0; i < 4; i++)
		pass_second();
	expect(&f, " c1");
	push(&f, CLIENT, 100, 10, 2);
	pass_second();
	push(&f, SERVER, 100000, 10, 3);
	expect(&f, " c2/3");
	push(&f, CLIENT, 100, 20, 4);
	pass_second();
	pass_second();
	expect(&f, "");
	pass_second();
	expect(&f, " c4");
	teardown(&f);
}

/* Where there is no room, nothing is lost. */
static void
test_max(void)
{
	struct fixture f;

	setup_max(&f, 3);
	for (unsigned i = 0; i < 5; i++) {
		struct record record = make(CLIENT, 100, 10, i);

		record.key.src_port += i;
		sink_push(&f.sink, &record);
	}
	expect(&f, " c0 c1");
	biflow_release(f.biflow);
	expect(&f, " c2 c3 c4");
	teardown(&f);
}

static void
check_passed(struct fixture *f, const struct record *record)
{
	struct record copy = *record;

	sink_push(&f->sink, &copy);
	expect(f, " c1");
}

/* What has no other direction that can be told. */
static void
test_passes(void)
{
	struct fixture f;
	struct record record;

	setup(&f);
	record = make(CLIENT, 100, 10, 1);
	record.duplicate = true;
	check_passed(&f, &record);
	record = make(CLIENT, 100, 10, 1);
	record.key.src_port = record.key.dst_port = 0;
	check_passed(&f, &record);
	record.key.family = FLOW_OTHER;
	record.key.dst_port = 0x0806;
	check_passed(&f, &record);
	records_fill(&record, RECORDS_ICMP4);
	record.value.packets = 1;
	check_passed(&f, &record);
	records_fill(&record, RECORDS_ICMP6);
	record.value.packets = 1;
	check_passed(&f, &record);
	teardown(&f);
}

/* Other flows of the same hosts are not mixed in. */
static void
test_others(void)
{
	struct fixture f;
	struct record record;

	setup(&f);
	push(&f, CLIENT, 100, 10, 1);
	record = make(SERVER, 200, 10, 2);
	record.key.protocol = IPPROTO_UDP;
	sink_push(&f.sink, &record);
	record = make(SERVER, 200, 10, 3);
	record.key.dst_port++;
	sink_push(&f.sink, &record);
	record = make(SERVER, 200, 10, 4);
	record.key.dst_addr[15]++;
	sink_push(&f.sink, &record);
	expect(&f, "");
	push(&f, SERVER, 200, 10, 5);
	expect(&f, " c1/5");
	teardown(&f);
}

static void
encode_push(void *to, struct record *record)
{
	g_assert_true(encode_ipfix.add(to, record));
}

static const char biflow_template[] =
	"001a 0008 0004 000c 0004 0007 0002 000b 0002 0004 0001 0005 0001 "
	"0006 0001 003d 0001 0088 0001 003a 0002 003b 0002 0020 0002 000a 0004 "
	"000e 0004 0001 0008 0002 0004 0098 0008 0099 0008 012e 0001 "
	"8005 0001 00007279 8006 0001 00007279 8001 0008 00007279 "
	"8002 0004 00007279 8098 0008 00007279 8099 0008 00007279 00ef 0001";

/* On the wire: the forward half as ever, then the reverse one. */
static void
test_wire(void)
{
	struct template_set *set = ipfix_standard_set();
	g_autoptr(GError) error = NULL;
	struct encoder *encoder;
	struct message message;
	struct record record;
	struct biflow *biflow;
	struct sink sink;
	uint64_t joined = 0;

	g_assert_true(template_set_add_biflow(set, &error));
	encoder = encode_ipfix.new(set, 1, 1400, NULL);
	biflow = biflow_new(16, false,
			    &(struct sink){ encode_push, forget, encoder },
			    &joined);
	sink = biflow_sink(biflow);
	record = make(CLIENT, 100, 2, 0x0a0b0c0d);
	sink_push(&sink, &record);
	record = make(SERVER, 200, 3, 0x1a1b1c1d);
	sink_push(&sink, &record);

	g_assert_true(encode_ipfix.announce(encoder, 0, 3 * S, &message));
	/* Behind IPv4, IPv6: 80 octets each; its ID is the third. */
	hex_check(message.data + 16 + 4 + 2 * 80 + 2,
		  strlen("001a") / 2 + 19 * 4 + 6 * 8 + 4, biflow_template);
	g_assert_true(encode_ipfix.take(encoder, 3 * S, &message));
	g_assert_cmpuint(
		ipfix_get32(message.data + 16) >> 16, ==,
		encode_ipfix.template_id(encoder, TEMPLATE_BIFLOW_IPV4));
	g_assert_cmpuint(message.tally.records, ==, 1);
	g_assert_cmpuint(message.tally.packets, ==, 0x24262829 + 1);
	hex_check(message.data + 20, message.len - 20,
		  "c0000201 c6336407 9c40 01bb 06 b8 5b 00 03 0000 0000 0000 "
		  "00000002 00000000 0102030405060708 0a0b0c0d "
		  "00000000000003e8 00000000000007d0 01 "
		  "20 12 0102030405060708 1a1b1c1d "
		  "00000000000007d0 0000000000000bb8 01");
	biflow_free(biflow);
	encode_ipfix.free(encoder);
	template_set_free(set);
}

static void
add(void)
{
	g_test_add_func("/biflow/initiator", test_initiator);
	g_test_add_func("/biflow/life", test_life);
	g_test_add_func("/biflow/memory", test_memory);
	g_test_add_func("/biflow/arbitrary", test_arbitrary);
	g_test_add_func("/biflow/hold", test_hold);
	g_test_add_func("/biflow/live", test_live);
	g_test_add_func("/biflow/max", test_max);
	g_test_add_func("/biflow/passes", test_passes);
	g_test_add_func("/biflow/others", test_others);
	g_test_add_func("/biflow/wire", test_wire);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
