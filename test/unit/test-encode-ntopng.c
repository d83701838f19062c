/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages are those of test/data/ntopng.ini, to the octet; what they mean
 * is what test/wire/ntopng.py reads in them.
 */
#include <string.h>
#include <zlib.h>

#include "../hex.h"
#include "../ipfix.h"
#include "../records.h"
#include "../tap.h"
#include "clock.h"
#include "encode.h"
#include "encode_ntopng_frame.h"
#include "ledger.h"

#define DOMAIN	0x01020304
#define WALL_NS (1700000100ULL * CLOCK_SECOND_NS)

static const struct encoder_ops *const ntopng = &encode_ntopng;
static GKeyFile *wire;

static struct template_set *
load_set(const char *name)
{
	g_autofree char *dir =
		g_test_build_filename(G_TEST_DIST, "templates", NULL);
	const char *const dirs[] = { dir, NULL };
	struct template_set *set = template_set_load(name, dirs, NULL);

	g_assert_nonnull(set);
	return set;
}

static char *
expected(const char *name, const char *key)
{
	char *value = g_key_file_get_string(wire, name, key, NULL);

	g_assert_nonnull(value);
	return value;
}

static void
assert_wire(const struct message *message, const char *name)
{
	g_autofree char *head = expected(name, "header");
	g_autofree char *body = expected(name, "body");

	g_test_message("%s", name);
	hex_check(message->data, message->head, head);
	hex_check(message->data + message->head, message->len - message->head,
		  body);
}

static struct message
take(struct encoder *encoder)
{
	struct message message;

	g_assert_true(ntopng->take(encoder, WALL_NS, &message));
	return message;
}

static void
add(struct encoder *encoder, enum records_kind kind)
{
	struct record record;

	records_fill(&record, kind);
	g_assert_true(ntopng->add(encoder, &record));
}

/* One message of each kind, and one of two. */
static void
test_records(void)
{
	static const struct {
		enum records_kind kind;
		const char *name;
	} cases[] = {
		{ RECORDS_TCP4, "tcp4" },     { RECORDS_UDP6, "udp6" },
		{ RECORDS_ICMP4, "icmp4" },   { RECORDS_ICMP6, "icmp6" },
		{ RECORDS_EGRESS, "egress" },
	};
	struct template_set *set = load_set("ntopng");
	struct encoder *encoder = ntopng->new(set, DOMAIN, 1400, NULL);
	struct message message;

	g_assert_false(ntopng->take(encoder, WALL_NS, &message));
	g_assert_false(ntopng->announce(encoder, 0, WALL_NS, &message));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		add(encoder, cases[i].kind);
		message = take(encoder);
		assert_wire(&message, cases[i].name);
		g_assert_cmpuint(message.tally.records, ==, 1);
	}
	add(encoder, RECORDS_TCP4);
	add(encoder, RECORDS_UDP6);
	message = take(encoder);
	assert_wire(&message, "two");
	g_assert_cmpuint(message.tally.records, ==, 2);
	g_assert_false(ntopng->take(encoder, WALL_NS, &message));
	ntopng->free(encoder);
	template_set_free(set);
}

/* What ntopng needs is there whatever the set has; what it would misread is
 * not (postVlanId, which it takes for the VLAN). */
static void
test_standard(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = ntopng->new(set, DOMAIN, 1400, NULL);
	struct message message;

	add(encoder, RECORDS_EGRESS);
	message = take(encoder);
	assert_wire(&message, "standard");
	g_assert_cmpuint(ntopng->field_id(set, field_find("postVlanId")), ==,
			 0);
	ntopng->free(encoder);
	template_set_free(set);
}

static void
test_biflow(void)
{
	struct template_set *set = load_set("ntopng");
	struct encoder *encoder;
	struct message message;
	struct record record;

	g_assert_true(template_set_add_biflow(set, NULL));
	encoder = ntopng->new(set, DOMAIN, 1400, NULL);
	records_fill(&record, RECORDS_TCP4);
	record.reverse = (struct record_reverse){
		.octets = 70000,
		.packets = 300,
		.start_ns = record.start_ns,
		.end_ns = record.end_ns,
		.tcp_flags = 0x1b,
		.biflow = BIFLOW_INITIATOR,
	};
	g_assert_true(ntopng->add(encoder, &record));
	message = take(encoder);
	assert_wire(&message, "biflow");
	ntopng->free(encoder);
	template_set_free(set);
}

static void
test_forms(void)
{
	static const char *const names[] = { [1] = "form1", [2] = "form2" };
	struct template_set *set = load_set("ntopng");

	for (unsigned form = 1; form <= 2; form++) {
		/* which cannot tell of compression */
		const struct collector collector = { .ntopng_header = form,
						     .ntopng_compress = true };
		struct encoder *encoder = ntopng->new(set, DOMAIN, 1400, NULL);
		struct message message;

		ntopng->configure(encoder, &collector);
		add(encoder, RECORDS_TCP4);
		message = take(encoder);
		assert_wire(&message, names[form]);
		ntopng->free(encoder);
	}
	template_set_free(set);
}

/* The octets of zlib's are its own; what comes out is ours. */
static void
test_compressed(void)
{
	const struct collector collector = { .ntopng_header = 3,
					     .ntopng_compress = true };
	struct template_set *set = load_set("ntopng");
	struct encoder *encoder = ntopng->new(set, DOMAIN, 1400, NULL);
	g_autofree char *body = expected("two", "body");
	uint8_t inflated[1400];
	uLongf len = sizeof(inflated);
	struct message message;

	ntopng->configure(encoder, &collector);
	add(encoder, RECORDS_TCP4);
	add(encoder, RECORDS_UDP6);
	message = take(encoder);
	g_assert_cmpint(message.data[17], ==, 2 | 4);
	g_assert_cmpint(uncompress(inflated, &len, message.data + message.head,
				   message.len - message.head),
			==, Z_OK);
	hex_check(inflated, len, body);
	g_assert_cmpuint(message.len - message.head, <, len);
	g_assert_cmpuint(message.data[20] | message.data[21] << 8, ==, len);
	g_assert_cmpuint(message.data[24] | message.data[25] << 8, ==, len);
	ntopng->free(encoder);
	template_set_free(set);
}

/* What does not get smaller is sent as it is; 0 is no number. */
static void
test_frame(void)
{
	struct frame_head head = {
		.form = 3, .source = 1, .number = UINT32_MAX, .compress = true
	};
	uint8_t out[FRAME_MAX_HEAD + 3];

	g_assert_cmpuint(frame_write(&head, "flow", true, "\1\1\1", 3, out), ==,
			 sizeof(out));
	hex_check(out, sizeof(out),
		  "666c6f77 000000000000000000000000 04 02 0000 03000000 "
		  "03000000 00000001 01000000 010101");
}

/* Whole records only, and as many as fit. */
static void
test_mtu(void)
{
	struct template_set *set = load_set("ntopng");
	g_autoptr(GError) error = NULL;
	struct encoder *least;
	struct record record;
	uint32_t mtu = 128;

	records_fill(&record, RECORDS_UDP6);
	while (!(least = ntopng->new(set, DOMAIN, mtu, NULL)))
		mtu++;
	g_assert_null(ntopng->new(set, DOMAIN, mtu - 1, &error));
	g_assert_false(ntopng->limit(least, mtu - 1, NULL));
	g_assert_true(ntopng->limit(least, mtu, NULL));
	ntopng->free(least);
	g_assert_cmpuint(mtu, <, 512);
	for (; mtu < 1500; mtu += 13) {
		struct encoder *encoder = ntopng->new(set, DOMAIN, mtu, NULL);
		struct message message;
		unsigned n = 0;
		size_t one;

		while (ntopng->add(encoder, &record))
			n++;
		message = take(encoder);
		one = (message.len - message.head - 2) / n;
		g_assert_cmpuint(message.tally.records, ==, n);
		g_assert_cmpuint(message.len, <=, mtu);
		g_assert_cmpuint(message.len + one, >, mtu);
		ntopng->free(encoder);
	}
	template_set_free(set);
}

static bool
add_name(struct encoder *encoder, const struct iface *iface)
{
	const uint8_t *const base[FIELD_N_FROM] = {
		[FIELD_FROM_SEEN] = (const void *)iface,
		[FIELD_FROM_METER] = (const void *)&records_meter,
	};

	return ntopng->add_options(encoder, OPTIONS_INTERFACE_NAMES, base) &&
	       ntopng->add_options(encoder, OPTIONS_FLOW_KEYS, base);
}

/* They go before flows that wait, in as many messages as it takes. */
static void
test_names(void)
{
	struct template_set *set = load_set("ntopng");
	struct encoder *encoder = ntopng->new(set, DOMAIN, 1400, NULL);
	struct iface odd = { .index = 4000000000, .name = "a\"\xff" };
	struct message message;
	unsigned n = 0;

	g_assert_true(add_name(encoder, &records_in));
	add(encoder, RECORDS_TCP4);
	g_assert_true(add_name(encoder, &records_out));
	g_assert_true(add_name(encoder, &odd));
	message = take(encoder);
	assert_wire(&message, "names");
	g_assert_cmpuint(message.tally.records, ==, 0);
	g_assert_cmpuint(take(encoder).tally.records, ==, 1);
	while (add_name(encoder, &odd))
		n++;
	message = take(encoder);
	g_assert_cmpuint(n, >, 20);
	g_assert_cmpuint(message.len, <=, 1400);
	g_assert_cmpuint(message.len + 40, >, 1400);
	g_assert_cmpmem(message.data + message.len - 2, 2, "}}", 2);
	g_assert_false(ntopng->take(encoder, WALL_NS, &message));
	ntopng->free(encoder);
	template_set_free(set);
}

static char *
beat(struct encoder *encoder, const struct ledger *ledger, uint64_t wall_ns)
{
	const uint8_t *const base[FIELD_N_FROM] = {
		[FIELD_FROM_METER] = (const void *)&records_meter,
		[FIELD_FROM_LEDGER] = (const void *)ledger,
	};
	struct message message;

	ntopng->beat(encoder, base, wall_ns, &message);
	g_assert_cmpmem(message.data, 6, "event", 6);
	g_assert_cmpint(message.data[17], ==, 0);
	return g_strndup((const char *)message.data + message.head,
			 message.len - message.head);
}

static void
assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		g_error("no %s in %s", part, text);
}

/* Rates are those since the last; a clock that was set back tells of none. */
static void
test_event(void)
{
	struct template_set *set = load_set("ntopng");
	struct encoder *encoder = ntopng->new(set, DOMAIN, 1400, NULL);
	struct ledger ledger = { .seen_packets = 1000,
				 .seen_octets = 50000,
				 .records = 7,
				 .unsent_records = 3,
				 .ignored_packets = 5 };
	g_autofree char *first = beat(encoder, &ledger, WALL_NS);
	g_autofree char *second = NULL, *third = NULL;

	assert_has(first, "\"probe\":{\"ip\":\"192.0.2.9\",");
	assert_has(first, "\"uuid_num\":16909060}");
	assert_has(first, "\"time\":1700000100,\"bytes\":50000,"
			  "\"packets\":1000,\"avg\":{\"bps\":0,\"pps\":0}");
	assert_has(first, "\"drops\":{\"export_queue_full\":3,"
			  "\"too_many_flows\":5,");
	assert_has(first, "\"zmq\":{\"num_flow_exports\":7,");
	ledger.seen_packets += 500;
	ledger.seen_octets += 25000;
	second = beat(encoder, &ledger, WALL_NS + 2 * CLOCK_SECOND_NS);
	assert_has(second, "\"avg\":{\"bps\":100000,\"pps\":250}");
	third = beat(encoder, &ledger, WALL_NS);
	assert_has(third, "\"avg\":{\"bps\":0,\"pps\":0}");
	ntopng->free(encoder);
	template_set_free(set);
}

static void
add_tests(void)
{
	g_test_add_func("/encode-ntopng/records", test_records);
	g_test_add_func("/encode-ntopng/standard", test_standard);
	g_test_add_func("/encode-ntopng/biflow", test_biflow);
	g_test_add_func("/encode-ntopng/forms", test_forms);
	g_test_add_func("/encode-ntopng/compressed", test_compressed);
	g_test_add_func("/encode-ntopng/frame", test_frame);
	g_test_add_func("/encode-ntopng/mtu", test_mtu);
	g_test_add_func("/encode-ntopng/names", test_names);
	g_test_add_func("/encode-ntopng/event", test_event);
}

int
main(int argc, char **argv)
{
	g_autofree char *path = g_build_filename(
		g_getenv("G_TEST_SRCDIR") ?: ".", "test/data/ntopng.ini", NULL);
	int status;

	wire = g_key_file_new();
	g_assert_true(g_key_file_load_from_file(wire, path, 0, NULL));
	status = tap_main(argc, argv, add_tests);
	g_key_file_unref(wire);
	return status;
}
