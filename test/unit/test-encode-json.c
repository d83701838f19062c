/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "../ipfix.h"
#include "../records.h"
#include "../tap.h"
#include "encode.h"

static const struct encoder_ops *const json = &encode_json;

/* Elements of three kinds, one of them a string. */
static struct template_set *
some_set(void)
{
	static const char *const names[] = { "sourceIPv4Address", "vlanId",
					     "flowStartMilliseconds",
					     "interfaceName" };
	struct template_set *set = g_new0(struct template_set, 1);
	struct template *template = &set->family[TEMPLATE_IPV4];

	set->name = g_strdup("some");
	template->fields = g_new(struct template_field, G_N_ELEMENTS(names));
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const struct field *field = field_find(names[i]);

		g_assert_nonnull(field);
		template->fields[template->n_fields++] =
			(struct template_field){ field, field->length };
	}
	return set;
}

static void
assert_taken(struct encoder *encoder, const char *expected, unsigned n)
{
	struct message message;

	g_assert_true(json->take(encoder, 0, &message));
	g_assert_cmpmem(message.data, message.len, expected, strlen(expected));
	g_assert_cmpuint(message.tally.records, ==, n);
}

static void
test_lines(void)
{
	static const char line[] =
		"{\"sourceIPv4Address\":\"192.0.2.1\",\"vlanId\":0,"
		"\"flowStartMilliseconds\":\"2023-11-14T22:13:20.123456Z\","
		"\"interfaceName\":\"eth0\",\"duplicate\":false}\n";
	struct template_set *set = some_set();
	struct encoder *encoder = json->new(set, 1, 1400, NULL);
	g_autofree char *two = g_strconcat(line, line, NULL);
	struct message message;
	struct record record;

	g_assert_false(json->take(encoder, 0, &message));
	g_assert_false(json->announce(encoder, 0, 0, &message));
	records_fill(&record, RECORDS_TCP4);
	g_assert_true(json->add(encoder, &record));
	assert_taken(encoder, line, 1);
	g_assert_true(json->add(encoder, &record));
	g_assert_true(json->add(encoder, &record));
	assert_taken(encoder, two, 2);
	records_fill(&record, RECORDS_UDP6);
	g_assert_true(json->add(encoder, &record));
	g_assert_false(json->take(encoder, 0, &message));
	json->free(encoder);
	template_set_free(set);
}

/* Whole lines only, and as many as fit. */
static void
test_mtu(void)
{
	struct template_set *set = some_set();
	g_autoptr(GError) error = NULL;
	struct encoder *least;
	struct message message;
	struct record record;
	uint32_t mtu = 100;

	records_fill(&record, RECORDS_TCP4);
	while (!(least = json->new(set, 1, mtu, NULL)))
		mtu++;
	json->free(least);
	g_assert_null(json->new(set, 1, mtu - 1, &error));
	g_assert_cmpuint(mtu, <, 500);
	for (; mtu < 1500; mtu += 13) {
		struct encoder *encoder = json->new(set, 1, mtu, NULL);
		unsigned n = 0;

		while (json->add(encoder, &record))
			n++;
		g_assert_true(json->take(encoder, 0, &message));
		g_assert_cmpuint(message.tally.records, ==, n);
		g_assert_cmpuint(message.len, <=, mtu);
		g_assert_cmpuint(message.len + message.len / n, >, mtu);
		g_assert_cmpint(message.data[message.len - 1], ==, '\n');
		json->free(encoder);
	}
	template_set_free(set);
}

/* No line of any record is longer than was said. */
static void
test_standard(void)
{
	struct template_set *set = ipfix_standard_set();
	struct encoder *encoder = json->new(set, 1, 1400, NULL);
	struct record record;

	g_assert_nonnull(encoder);
	for (int kind = 0; kind < RECORDS_N; kind++) {
		struct message message;

		records_fill(&record, kind);
		g_assert_true(json->add(encoder, &record));
		g_assert_true(json->take(encoder, 0, &message));
		g_assert_cmpuint(message.len, >, 300);
	}
	json->free(encoder);
	template_set_free(set);
}

static void
add(void)
{
	g_test_add_func("/encode-json/lines", test_lines);
	g_test_add_func("/encode-json/mtu", test_mtu);
	g_test_add_func("/encode-json/standard", test_standard);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
