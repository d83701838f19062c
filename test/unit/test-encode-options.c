/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fixbuf/public.h>

#include "../hex.h"
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

static const struct ledger ledger = {
	.process = 0x01010101,
	.messages = 0x02,
	.octets = 0x03,
	.records = 0x04,
	.ignored_packets = 0x05,
	.ignored_octets = 0x06,
	.ignored_first_ns = 7000000,
	.ignored_last_ns = 8999999,
	.unsent_records = 0x09,
	.unsent_packets = 0x0a,
	.unsent_octets = 0x0b,
	.unsent_first_ns = 12000000,
	.unsent_last_ns = 13000000,
	.keys = 0x1f,
	.template_id = 0x0100,
	.slack = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
};

static void
fill_base(const uint8_t *base[FIELD_N_FROM])
{
	static struct record record;

	records_fill(&record, RECORDS_EGRESS); /* seen at records_out */
	field_bases(&record, base);
	base[FIELD_FROM_LEDGER] = (const void *)&ledger;
}

/* What of a table goes on the wire, template and record behind their sets'
 * headers; NULL: nothing. */
static const struct row {
	const char *name;
	uint32_t domain; /* IPFIX: of the message */
	const char *ipfix_template, *v9_template;
	const char *record; /* where both have it, the same */
} rows[] = {
	{ "samplingInterval", DOMAIN, "0002 0001 0095 0004 0022 0004",
	  "0004 0004 0001 0004 0022 0004 0000", "01020304 00000064" },
	{ "samplingAlgorithm", DOMAIN, NULL,
	  "0004 0008 0001 0004 0022 0004 0023 0001 0000",
	  "01020304 00000064 02" },
	{ "selector", DOMAIN,
	  "0004 0001 012e 0008 0130 0002 0131 0004 0132 0004", NULL,
	  "0000000000000001 0001 00000001 00000063" },
	{ "interfaceNames", DOMAIN, "0003 0001 000a 0004 0052 0010 0053 0040",
	  NULL,
	  "0000012c 77616e31000000000000000000000000 "
	  "75706c696e6b00000000000000000000 00000000000000000000000000000000 "
	  "00000000000000000000000000000000 "
	  "00000000000000000000000000000000" },
	{ "interfaceList", DOMAIN, "0003 0001 0095 0004 000a 0004 0053 0010",
	  "0004 0008 0001 0004 000a 0004 0053 0010 0000",
	  "01020304 0000012c 77616e31000000000000000000000000" },
	{ "flowKeys", DOMAIN, "0002 0001 0091 0002 00ad 0008", NULL,
	  "0100 000000000000001f" },
	{ "meteringStatistics", 0,
	  "0004 0001 0095 0004 0029 0008 002a 0008 0028 0008",
	  "0004 000c 0001 0004 0029 0008 002a 0008 0028 0008 0000",
	  "01020304 0000000000000002 0000000000000004 0000000000000003" },
	{ "meteringReliability", 0,
	  "0005 0001 0095 0004 00a4 0008 00a5 0008 0143 0008 0143 0008", NULL,
	  "01020304 0000000000000005 0000000000000006 0000000000000007 "
	  "0000000000000008" },
	{ "exportingReliability", 0,
	  "0006 0001 0090 0004 00a6 0008 00a7 0008 00a8 0008 0143 0008 "
	  "0143 0008",
	  NULL,
	  "01010101 0000000000000009 000000000000000a 000000000000000b "
	  "000000000000000c 000000000000000d" },
};

static int
find_table(const char *name)
{
	for (int i = 0; i < OPTIONS_N; i++) {
		if (strcmp(options_tables[i].name, name) == 0)
			return i;
	}
	g_assert_not_reached();
}

/* HEX, and zeros to a multiple of four octets. */
static char *
padded(const char *hex)
{
	GString *out = g_string_new(NULL);

	for (; *hex; hex++) {
		if (*hex != ' ')
			g_string_append_c(out, *hex);
	}
	while (out->len % 8)
		g_string_append_c(out, '0');
	return g_string_free(out, FALSE);
}

/* A set with that ID at AT: BODY stands behind its header and, of a template,
 * its own ID.  How long it is. */
static size_t
check_set(const uint8_t *at, unsigned set, unsigned id, const char *body)
{
	g_autofree char *expected = NULL;
	size_t len = ipfix_get32(at) & 0xffff;

	g_assert_cmpuint(ipfix_get32(at) >> 16, ==, set);
	expected = id ? g_strdup_printf("%04x %s", id, body) : g_strdup(body);
	hex_check(at + 4, len - 4, expected);
	return len;
}

static void
test_ipfix(gconstpointer data)
{
	const struct row *row = data;
	struct template_set *set = sets_of_options(row->name);
	struct encoder *encoder = encode_ipfix.new(set, DOMAIN, 1400, NULL);
	int table = find_table(row->name);
	unsigned id =
		encode_ipfix.template_id(encoder, TEMPLATE_OF_OPTIONS(table));
	unsigned last = row->domain == DOMAIN ? 0 : 1;
	const uint8_t *base[FIELD_N_FROM];
	struct message message;

	fill_base(base);
	g_assert_true(encode_ipfix.add_options(encoder, table, base));
	if (!row->ipfix_template) {
		g_assert_cmpuint(id, ==, 0);
		g_assert_false(encode_ipfix.take(encoder, WALL_NS, &message));
	} else {
		g_assert_true(encode_ipfix.take(encoder, WALL_NS, &message));
		ipfix_check_header(&message, EXPORT_S, 0, row->domain);
		g_assert_cmpuint(
			check_set(message.data + 16, id, 0, row->record), ==,
			message.len - 16);
		g_assert_cmpuint(message.tally.records, ==, 0);
		/* What is options data counts, too. */
		g_assert_true(encode_ipfix.announce(encoder, last, WALL_NS,
						    &message));
		ipfix_check_header(&message, EXPORT_S, 1, row->domain);
		check_set(message.data + message.len - 4 -
				  (strlen(row->ipfix_template) + 1) / 5 * 2 - 2,
			  3, id, row->ipfix_template);
	}
	encode_ipfix.free(encoder);
	template_set_free(set);
}

static void
test_v9(gconstpointer data)
{
	const struct row *row = data;
	struct template_set *set = sets_of_options(row->name);
	struct encoder *encoder = encode_netflow9.new(set, DOMAIN, 1400, NULL);
	int table = find_table(row->name);
	unsigned id = encode_netflow9.template_id(encoder,
						  TEMPLATE_OF_OPTIONS(table));
	const uint8_t *base[FIELD_N_FROM];
	struct message message;

	fill_base(base);
	g_assert_true(encode_netflow9.announce(encoder, 0, WALL_NS, &message));
	if (row->v9_template)
		/* Behind the set of the IPv4 template, which has 12 octets. */
		g_assert_cmpuint(
			check_set(message.data + 32, 1, id, row->v9_template),
			==, message.len - 32);
	else
		g_assert_cmpuint(message.len, ==, 32);
	g_assert_true(encode_netflow9.add_options(encoder, table, base));
	if (!row->v9_template) {
		g_assert_cmpuint(id, ==, 0);
		g_assert_false(
			encode_netflow9.take(encoder, WALL_NS, &message));
	} else {
		g_autofree char *body = padded(row->record);

		g_assert_true(encode_netflow9.take(encoder, WALL_NS, &message));
		g_assert_cmphex(ipfix_get32(message.data), ==, 9 << 16 | 1);
		g_assert_cmpuint(ipfix_get32(message.data + 12), ==, 1);
		g_assert_cmphex(ipfix_get32(message.data + 16), ==, DOMAIN);
		g_assert_cmpuint(check_set(message.data + 20, id, 0, body), ==,
				 message.len - 20);
	}
	encode_netflow9.free(encoder);
	template_set_free(set);
}

/* libfixbuf's model knows the elements so. */
static void
test_model(gconstpointer data)
{
	const struct options_table *table = data;
	fbInfoModel_t *model = fbInfoModelAlloc();

	g_assert_cmpuint(table->n_scope, >, 0);
	for (const struct field *field = table->fields; field->name; field++) {
		const fbInfoElement_t *element =
			fbInfoModelGetElementByName(model, field->name);

		g_assert_nonnull(element);
		g_assert_cmpuint(element->ent, ==, 0);
		g_assert_cmpuint(element->num, ==, field->id);
		if (element->len != FB_IE_VARLEN)
			g_assert_cmpuint(element->len, ==, field->length);
		g_assert_cmpuint(field->v9, ==,
				 field->id < 128 ? field->id : 0);
	}
	fbInfoModelFree(model);
}

static void
add(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *ipfix = g_strdup_printf(
			"/encode-options/ipfix/%s", rows[i].name);
		g_autofree char *v9 =
			g_strdup_printf("/encode-options/v9/%s", rows[i].name);

		g_test_add_data_func(ipfix, &rows[i], test_ipfix);
		g_test_add_data_func(v9, &rows[i], test_v9);
	}
	g_assert_cmpuint(G_N_ELEMENTS(rows), ==, OPTIONS_N);
	for (int i = 0; i < OPTIONS_N; i++) {
		g_autofree char *path = g_strdup_printf(
			"/encode-options/model/%s", options_tables[i].name);

		g_test_add_data_func(path, &options_tables[i], test_model);
	}
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
