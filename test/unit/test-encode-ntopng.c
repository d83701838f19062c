/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages are those of test/data/ntopng.ini, to the octet; what they mean
 * is what test/wire/ntopng.py reads in them.
 */
#include <zlib.h>

#include "../hex.h"
#include "../ipfix.h"
#include "../ntopng.h"
#include "../sets.h"
#include "../tap.h"
#include "encode_ntopng_frame.h"

static const struct encoder_ops *const ntopng = &encode_ntopng;

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
	struct template_set *set = sets_shipped("ntopng");
	struct encoder *encoder = ntopng->new(set, NTOPNG_DOMAIN, 1400, NULL);
	struct message message;

	g_assert_false(ntopng->take(encoder, NTOPNG_WALL_NS, &message));
	g_assert_false(ntopng->announce(encoder, 0, NTOPNG_WALL_NS, &message));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		ntopng_add(encoder, cases[i].kind);
		message = ntopng_take(encoder);
		ntopng_assert(&message, cases[i].name);
		g_assert_cmpuint(message.tally.records, ==, 1);
	}
	ntopng_add(encoder, RECORDS_TCP4);
	ntopng_add(encoder, RECORDS_UDP6);
	message = ntopng_take(encoder);
	ntopng_assert(&message, "two");
	g_assert_cmpuint(message.tally.records, ==, 2);
	g_assert_false(ntopng->take(encoder, NTOPNG_WALL_NS, &message));
	ntopng->free(encoder);
	template_set_free(set);
}

/* What ntopng needs is there whatever the set has; what it would misread is
 * not (postVlanId, which it takes for the VLAN). */
static void
test_standard(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = ntopng->new(set, NTOPNG_DOMAIN, 1400, NULL);
	struct message message;

	ntopng_add(encoder, RECORDS_EGRESS);
	message = ntopng_take(encoder);
	ntopng_assert(&message, "standard");
	g_assert_cmpuint(ntopng->field_id(set, field_find("postVlanId")), ==,
			 0);
	ntopng->free(encoder);
	template_set_free(set);
}

static void
test_biflow(void)
{
	struct template_set *set = sets_shipped("ntopng");
	struct encoder *encoder;
	struct message message;
	struct record record;

	g_assert_true(template_set_add_biflow(set, NULL));
	encoder = ntopng->new(set, NTOPNG_DOMAIN, 1400, NULL);
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
	message = ntopng_take(encoder);
	ntopng_assert(&message, "biflow");
	ntopng->free(encoder);
	template_set_free(set);
}

static void
test_forms(void)
{
	static const char *const names[] = { [1] = "form1", [2] = "form2" };
	struct template_set *set = sets_shipped("ntopng");

	for (unsigned form = 1; form <= 2; form++) {
		/* which cannot tell of compression */
		const struct collector collector = { .ntopng_header = form,
						     .ntopng_compress = true };
		struct encoder *encoder =
			ntopng->new(set, NTOPNG_DOMAIN, 1400, NULL);
		struct message message;

		ntopng->configure(encoder, &collector);
		ntopng_add(encoder, RECORDS_TCP4);
		message = ntopng_take(encoder);
		ntopng_assert(&message, names[form]);
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
	struct template_set *set = sets_shipped("ntopng");
	struct encoder *encoder = ntopng->new(set, NTOPNG_DOMAIN, 1400, NULL);
	g_autofree char *body = ntopng_expected("two", "body");
	uint8_t inflated[1400];
	uLongf len = sizeof(inflated);
	struct message message;

	ntopng->configure(encoder, &collector);
	ntopng_add(encoder, RECORDS_TCP4);
	ntopng_add(encoder, RECORDS_UDP6);
	message = ntopng_take(encoder);
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
	struct template_set *set = sets_shipped("ntopng");
	g_autoptr(GError) error = NULL;
	struct encoder *least;
	struct record record;
	uint32_t mtu = 128;

	records_fill(&record, RECORDS_UDP6);
	while (!(least = ntopng->new(set, NTOPNG_DOMAIN, mtu, NULL)))
		mtu++;
	g_assert_null(ntopng->new(set, NTOPNG_DOMAIN, mtu - 1, &error));
	g_assert_false(ntopng->limit(least, mtu - 1, NULL));
	g_assert_true(ntopng->limit(least, mtu, NULL));
	ntopng->free(least);
	g_assert_cmpuint(mtu, <, 512);
	for (; mtu < 1500; mtu += 13) {
		struct encoder *encoder =
			ntopng->new(set, NTOPNG_DOMAIN, mtu, NULL);
		struct message message;
		unsigned n = 0;
		size_t one;

		while (ntopng->add(encoder, &record))
			n++;
		message = ntopng_take(encoder);
		one = (message.len - message.head - 2) / n;
		g_assert_cmpuint(message.tally.records, ==, n);
		g_assert_cmpuint(message.len, <=, mtu);
		g_assert_cmpuint(message.len + one, >, mtu);
		ntopng->free(encoder);
	}
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
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add_tests);
}
