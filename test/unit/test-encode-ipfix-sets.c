/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ipfix.h"
#include "../records.h"
#include "../sets.h"
#include "../tap.h"
#include "clock.h"
#include "encode.h"

#define DOMAIN	0x01020304
#define WALL_NS (0x65545fffU * CLOCK_SECOND_NS)

static const struct encoder_ops *const ipfix = &encode_ipfix;

/* What a record of IPv4 takes of the wire, headers and all: at most so many
 * octets. */
static void
check_share(const char *name, double octets)
{
	struct template_set *set = sets_shipped(name);
	struct encoder *encoder = ipfix->new(set, DOMAIN, 1400, NULL);
	struct message message;
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	while (ipfix->add(encoder, &record))
		;
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	g_assert_cmpfloat((double)message.len / message.tally.records, <=,
			  octets);
	ipfix->free(encoder);
	template_set_free(set);
}

static void
test_share(void)
{
	check_share("standard", 64);
	check_share("minimal", 49);
}

/* A family that the set lacks is skipped, and so it is not counted. */
static void
test_missing_family(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder;
	struct message message;
	struct record record;

	set->family[TEMPLATE_IPV6].n_fields = 0;
	set->family[TEMPLATE_IPV6].len = 0;
	encoder = ipfix->new(set, DOMAIN, 1400, NULL);
	g_assert_true(ipfix->announce(encoder, 0, WALL_NS, &message));
	g_assert_false(ipfix->announce(encoder, 1, WALL_NS, &message));
	g_assert_cmpuint(message.len, ==, 24 + 4 * 19);

	records_fill(&record, RECORDS_UDP6);
	g_assert_true(ipfix->add(encoder, &record));
	g_assert_false(ipfix->take(encoder, WALL_NS, &message));
	records_fill(&record, RECORDS_TCP4);
	g_assert_true(ipfix->add(encoder, &record));
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	g_assert_cmpuint(message.tally.records, ==, 1);
	ipfix->free(encoder);
	template_set_free(set);
}

/* Uptimes go with their epoch, which moves when 32 bits do not reach. */
static void
test_uptimes(void)
{
	struct template_field tf[] = {
		{ field_find("flowEndSysUpTime"), 4 },
		{ field_find("flowStartSysUpTime"), 4 },
		{ field_find("systemInitTimeMilliseconds"), 8 },
	};
	struct template_set set = {
		.name = (char *)"up",
		.family[TEMPLATE_IPV4] = { tf, 3, 16 },
	};
	struct encoder *encoder = ipfix->new(&set, DOMAIN, 1400, NULL);
	g_autoptr(GError) error = NULL;
	struct message message;
	struct record record;
	uint64_t ms[] = { clock_wall_ns() / 1000000, 1700000000000, 4102444800,
			  1700000000000 + 60ULL * 86400 * 1000 };

	records_fill(&record, RECORDS_TCP4);
	for (size_t i = 0; i < G_N_ELEMENTS(ms); i++) {
		record.start_ns = ms[i] * 1000000 + 999999;
		record.end_ns = (ms[i] + 86400000) * 1000000;
		g_assert_true(ipfix->add(encoder, &record));
	}
	g_assert_true(ipfix->take(encoder, WALL_NS, &message));
	for (size_t i = 0; i < G_N_ELEMENTS(ms); i++) {
		const uint8_t *at = message.data + 20 + 16 * i;
		uint64_t epoch = (uint64_t)ipfix_get32(at + 8) << 32 |
				 ipfix_get32(at + 12);

		g_assert_cmpuint(epoch + ipfix_get32(at), ==, ms[i] + 86400000);
		g_assert_cmpuint(epoch + ipfix_get32(at + 4), ==, ms[i]);
	}
	ipfix->free(encoder);
	set.family[TEMPLATE_IPV4].n_fields = 2;
	g_assert_null(ipfix->new(&set, DOMAIN, 1400, &error));
	g_assert_cmpstr(error->message, ==,
			"template set \"up\": IPv4: uptimes without "
			"systemInitTimeMilliseconds tell nothing in IPFIX");
}

static void
add(void)
{
	g_test_add_func("/encode-ipfix-sets/share", test_share);
	g_test_add_func("/encode-ipfix-sets/missing-family",
			test_missing_family);
	g_test_add_func("/encode-ipfix-sets/uptimes", test_uptimes);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
