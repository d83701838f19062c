/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options templates and data among all else that IPFIX messages carry. */
#include "../ipfix.h"
#include "../records.h"
#include "../sets.h"
#include "../tap.h"
#include "clock.h"
#include "encode.h"
#include "ledger.h"

#define DOMAIN	 0x01020304
#define EXPORT_S 0x65545fffU
#define WALL_NS	 ((uint64_t)EXPORT_S * CLOCK_SECOND_NS)

static void
fill_base(const uint8_t *base[FIELD_N_FROM])
{
	static const struct ledger ledger;
	static struct record record;

	records_fill(&record, RECORDS_EGRESS); /* seen at records_out */
	field_bases(&record, base);
	base[FIELD_FROM_LEDGER] = (const void *)&ledger;
}

/* All of IPFIX's: each options template in a set of its own, statistics in a
 * message of their own; libfixbuf reads them. */
static void
test_all(void)
{
	struct template_set *set = sets_of_options(NULL);
	struct encoder *encoder = encode_ipfix.new(set, DOMAIN, 1400, NULL);
	fbInfoModel_t *model = fbInfoModelAlloc();
	fbSession_t *session = fbSessionAlloc(model);
	fBuf_t *fbuf = fBufAllocForCollection(session, NULL);
	struct message message;
	unsigned n_sets = 0;

	for (unsigned i = 0;
	     encode_ipfix.announce(encoder, i, WALL_NS, &message); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_cmpuint(i, <, 2);
		ipfix_check_header(&message, EXPORT_S, 0, i ? 0 : DOMAIN);
		for (size_t at = 16; at < message.len; n_sets++)
			at += ipfix_get32(message.data + at) & 0xffff;
		fBufSetBuffer(fbuf, message.data, message.len);
		g_assert_null(fBufNextCollectionTemplate(fbuf, NULL, &error));
		g_assert_error(error, FB_ERROR_DOMAIN, FB_ERROR_BUFSZ);
	}
	/* samplingAlgorithm is v9's, IPv4's is in a set of another kind. */
	g_assert_cmpuint(n_sets, ==, 1 + OPTIONS_N - 1);
	for (int i = 0; i < OPTIONS_N; i++) {
		uint16_t id = encode_ipfix.template_id(encoder,
						       TEMPLATE_OF_OPTIONS(i));
		fbTemplate_t *template;

		if (!id)
			continue;
		fbSessionSetDomain(session,
				   options_tables[i].statistics ? 0 : DOMAIN);
		template = fbSessionGetTemplate(session, FALSE, id, NULL);
		g_assert_nonnull(template);
		g_assert_cmpuint(fbTemplateGetOptionsScope(template), ==,
				 options_tables[i].n_scope);
	}
	fBufFree(fbuf);
	fbInfoModelFree(model);
	encode_ipfix.free(encoder);
	template_set_free(set);
}

/* Where flows are in domain 0, all is one sequence. */
static void
test_domain_0(void)
{
	struct template_set *set = sets_of_options(NULL);
	struct encoder *encoder = encode_ipfix.new(set, 0, 1400, NULL);
	const uint8_t *base[FIELD_N_FROM];
	struct message message;

	fill_base(base);
	encode_ipfix.add_options(encoder, OPTIONS_SAMPLING_INTERVAL, base);
	encode_ipfix.add_options(encoder, OPTIONS_METERING_STATISTICS, base);
	g_assert_true(encode_ipfix.take(encoder, WALL_NS, &message));
	ipfix_check_header(&message, EXPORT_S, 0, 0);
	g_assert_false(encode_ipfix.take(encoder, WALL_NS, &message));
	g_assert_true(encode_ipfix.announce(encoder, 0, WALL_NS, &message));
	ipfix_check_header(&message, EXPORT_S, 2, 0);
	g_assert_false(encode_ipfix.announce(encoder, 1, WALL_NS, &message));
	encode_ipfix.free(encoder);
	template_set_free(set);
}

/* Options data fills messages to the MTU, as flows do, and shares sequence
 * numbers with them; statistics have their own. */
static void
test_sequence(void)
{
	struct template_set *set = sets_of_options(NULL);
	struct encoder *encoder = encode_ipfix.new(set, DOMAIN, 200, NULL);
	const uint8_t *base[FIELD_N_FROM];
	struct message message;
	struct record record;
	unsigned n = 0;

	fill_base(base);
	records_fill(&record, RECORDS_TCP4);
	encode_ipfix.add(encoder, &record);
	encode_ipfix.add_options(encoder, OPTIONS_METERING_STATISTICS, base);
	while (encode_ipfix.add_options(encoder, OPTIONS_INTERFACE_LIST, base))
		n++;
	g_assert_cmpuint(n, ==, (200 - 20) / 24);
	g_assert_true(encode_ipfix.take(encoder, WALL_NS, &message));
	ipfix_check_header(&message, EXPORT_S, 0, DOMAIN);
	g_assert_cmpuint(message.len, ==, 20 + n * 24);
	g_assert_true(encode_ipfix.take(encoder, WALL_NS, &message));
	ipfix_check_header(&message, EXPORT_S, 0, 0);
	g_assert_true(encode_ipfix.take(encoder, WALL_NS, &message));
	ipfix_check_header(&message, EXPORT_S, n, DOMAIN);
	g_assert_cmpuint(message.tally.records, ==, 1);
	encode_ipfix.add_options(encoder, OPTIONS_METERING_STATISTICS, base);
	g_assert_true(encode_ipfix.take(encoder, WALL_NS, &message));
	ipfix_check_header(&message, EXPORT_S, 1, 0);
	encode_ipfix.restart(encoder, 1);
	encode_ipfix.add_options(encoder, OPTIONS_METERING_STATISTICS, base);
	g_assert_true(encode_ipfix.take(encoder, WALL_NS, &message));
	ipfix_check_header(&message, EXPORT_S, 0, 0);
	encode_ipfix.free(encoder);
	template_set_free(set);
}

/* The ID of a layout is the same as long as the process lives, and no other's.
 */
static void
test_ids(void)
{
	struct template_set *one = sets_of_options("selector");
	struct template_set *other = sets_of_options("interfaceList");
	struct encoder *a = encode_ipfix.new(one, 1, 1400, NULL);
	struct encoder *b = encode_ipfix.new(one, 2, 1000, NULL);
	struct encoder *c;

	other->family[TEMPLATE_IPV4].fields[0].length = 4;
	c = encode_ipfix.new(other, 1, 1400, NULL);
	g_assert_cmpuint(encode_ipfix.template_id(a, TEMPLATE_IPV4), ==,
			 encode_ipfix.template_id(b, TEMPLATE_IPV4));
	g_assert_cmpuint(encode_ipfix.template_id(a, TEMPLATE_IPV4), !=,
			 encode_ipfix.template_id(c, TEMPLATE_IPV4));
	g_assert_cmpuint(encode_ipfix.template_id(a, TEMPLATE_IPV4), >=, 256);
	encode_ipfix.free(a);
	encode_ipfix.free(b);
	encode_ipfix.free(c);
	template_set_free(one);
	template_set_free(other);
}

static void
add(void)
{
	g_test_add_func("/encode-options/all", test_all);
	g_test_add_func("/encode-options/domain-0", test_domain_0);
	g_test_add_func("/encode-options/sequence", test_sequence);
	g_test_add_func("/encode-options/ids", test_ids);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
