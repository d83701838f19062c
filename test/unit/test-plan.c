/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../hex.h"
#include "../records.h"
#include "../sets.h"
#include "../tap.h"
#include "plan.h"

#define UNTOUCHED 0xa5

/* What a plan of FIELDS writes for RECORD, to be freed.  Record and output are
 * as large as promised and not larger: the sanitizer sees what goes beyond. */
static uint8_t *
written(const struct template *template, const struct record *record)
{
	struct plan *plan = plan_new(template);
	const uint8_t *base[FIELD_N_FROM];
	struct record *copy = g_memdup2(record, sizeof(*record));
	uint8_t *out = g_malloc(template->len + PLAN_SLACK);

	g_assert_cmpuint(plan->len, ==, template->len);
	memset(out, UNTOUCHED, template->len + PLAN_SLACK);
	field_bases(copy, base);
	plan_write(plan, base, out);
	plan_free(plan);
	g_free(copy);
	return out;
}

static uint8_t *
written_field(const struct field *field, uint16_t length,
	      const struct record *record)
{
	struct template_field tf = { field, length };
	const struct template template = { &tf, 1, length };

	return written(&template, record);
}

static void
set_member(struct record *record, const struct field *field, uint64_t value)
{
	uint8_t *at = (uint8_t *)record + field->offset;
	uint8_t value8 = value;
	uint16_t value16 = value;
	uint32_t value32 = value;

	switch (field->size) {
	case 1:
		memcpy(at, &value8, 1);
		break;
	case 2:
		memcpy(at, &value16, 2);
		break;
	case 4:
		memcpy(at, &value32, 4);
		break;
	case 8:
		memcpy(at, &value, 8);
		break;
	}
}

/* Members of every size, at odd places, to every width, among all ones. */
static void
test_widths(void)
{
	static const uint64_t value = 0x8123456789abcdefULL;
	static const struct {
		uint16_t size;
		const char *hex[8]; /* by width - 1 */
	} cases[] = {
		{ 1,
		  { "ef", "00ef", "0000ef", "000000ef", "00000000ef",
		    "0000000000ef", "000000000000ef", "00000000000000ef" } },
		{ 2,
		  { "ef", "cdef", "00cdef", "0000cdef", "000000cdef",
		    "00000000cdef", "0000000000cdef", "000000000000cdef" } },
		{ 4,
		  { "ef", "cdef", "abcdef", "89abcdef", "0089abcdef",
		    "000089abcdef", "00000089abcdef", "0000000089abcdef" } },
		{ 8,
		  { "ef", "cdef", "abcdef", "89abcdef", "6789abcdef",
		    "456789abcdef", "23456789abcdef", "8123456789abcdef" } },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases) * 8 * 3; i++) {
		size_t size = i / 24, width = i / 3 % 8 + 1;
		const struct field field = {
			.kind = FIELD_UINT,
			.from = FIELD_FROM_RECORD,
			.offset = 5 + i % 3,
			.size = cases[size].size,
		};
		struct record record;
		g_autofree uint8_t *out = NULL;

		memset(&record, 0xff, sizeof(record));
		record.in = record.out = NULL;
		set_member(&record, &field, value);
		out = written_field(&field, width, &record);
		hex_check(out, width, cases[size].hex[width - 1]);
	}
}

/* The last members of the structs are loaded with what is behind them. */
static void
test_last_members(void)
{
	struct record record;
	g_autofree struct iface *iface =
		g_memdup2(&records_out, sizeof(records_out));
	g_autofree uint8_t *reason = NULL, *index = NULL, *none = NULL;

	records_fill(&record, RECORDS_EGRESS);
	record.out = iface;
	reason = written_field(field_find("flowEndReason"), 1, &record);
	hex_check(reason, 1, "04");
	index = written_field(field_find("egressInterface"), 4, &record);
	hex_check(index, 4, "0000012c");
	record.out = NULL;
	none = written_field(field_find("egressInterface"), 4, &record);
	hex_check(none, 4, "00000000");
}

/* Each step may write a word, but the record's neighbours stay as they are. */
static void
test_slack(void)
{
	struct record record;
	g_autofree uint8_t *out = NULL;

	records_fill(&record, RECORDS_TCP4);
	out = written_field(field_find("protocolIdentifier"), 1, &record);
	hex_check(out, 1, "06");
	g_assert_cmpint(out[PLAN_SLACK], ==, UNTOUCHED);
}

/* Every row at full length, between two others. */
static void
test_every_field(gconstpointer data)
{
	const struct field *field = data;
	const struct field *reason = field_find("flowEndReason");
	struct template_field tf[] = { { reason, 1 },
				       { field, field->length },
				       { reason, 1 } };
	const struct template template = { tf, 3, field->length + 2 };

	for (int kind = 0; kind < RECORDS_N; kind++) {
		g_autofree uint8_t *out = NULL;
		struct record record;
		uint64_t value;

		records_fill(&record, kind);
		out = written(&template, &record);
		g_assert_cmpint(out[0], ==, record.end_reason);
		g_assert_cmpint(out[field->length + 1], ==, record.end_reason);
		if (!field_is_integer(field)) {
			g_assert_cmpmem(out + 1, field->length,
					field_at(field, &record),
					field->length);
			continue;
		}
		value = GUINT64_TO_BE(field_uint(field, &record));
		g_assert_cmpmem(out + 1, field->length,
				(uint8_t *)&value + 8 - field->length,
				field->length);
	}
}

static void
check_standard(enum records_kind kind, const char *hex)
{
	struct template_set *set = sets_shipped("standard");
	g_autofree uint8_t *out = NULL;
	const struct template *template;
	struct record record;

	records_fill(&record, kind);
	template = template_for(set, &record);
	out = written(template, &record);
	hex_check(out, template->len, hex);
	template_set_free(set);
}

static void
test_standard(void)
{
	check_standard(
		RECORDS_TCP4,
		"c0000201 c6336407 9c40 01bb 06 b8 5b 00 03 0000 0000 0000 "
		"00000002 00000000 0102030405060708 0a0b0c0d "
		"0000018bcfe5687b 0000018bcfe5723f 01");
	check_standard(RECORDS_ICMP6,
		       "20010db8000000000000000000010203 "
		       "20010db8000f000000000000000a0b0c "
		       "0000 8700 3a b8 00 01 02 0000 0000 8700 "
		       "00000000 0000012c 0102030405060708 0a0b0c0d "
		       "0000018bcfe5687b 0000018bcfe5723f 01");
	check_standard(
		RECORDS_EGRESS,
		"c0000201 c6336407 0016 c351 06 b8 18 01 04 0064 0064 0000 "
		"00000002 0000012c 0102030405060708 0a0b0c0d "
		"0000018bcfe5687b 0000018bcfe5723f 01");
}

/* Uptimes are told since the epoch that the plan's user sets. */
static void
test_epoch(void)
{
	struct template_field tf[] = {
		{ field_find("flowStartSysUpTime"), 4 },
		{ field_find("flowEndMilliseconds"), 8 },
		{ field_find("systemInitTimeMilliseconds"), 8 },
	};
	const struct template template = { tf, 3, 20 };
	struct plan *plan = plan_new(&template);
	const uint8_t *base[FIELD_N_FROM];
	uint8_t out[20 + PLAN_SLACK];
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	field_bases(&record, base);
	plan_write(plan, base, out);
	hex_check(out, 20, "cfe5687b 0000018bcfe5723f 0000000000000000");
	plan->epoch_ms = 0x018bcfe56879;
	plan_write(plan, base, out);
	hex_check(out, 20, "00000002 0000018bcfe5723f 0000018bcfe56879");
	plan_free(plan);
}

/* Strings are well-formed whatever stands there, end with a whole character and
 * are filled up with NULs. */
static void
test_strings(void)
{
	static const struct {
		const char *alias;
		uint16_t length;
		const char *hex;
	} cases[] = {
		{ "", 3, "000000" },
		{ "eth0", 6, "657468300000" },
		{ "eth0", 4, "65746830" },
		{ "eth0", 2, "6574" },
		{ "a\xc3\xa9", 3, "61c3a9" },
		{ "a\xc3\xa9", 2, "6100" }, /* no half of a character */
		{ "a\xc3", 4, "613f0000" }, /* nor where it stands so */
		{ "\xff\xfe"
		  "b",
		  4, "3f3f6200" },
		{ "\xf0\x9f\x90\xa7", 5, "f09f90a700" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct iface iface = { .index = 1 };
		struct record record;
		g_autofree uint8_t *out = NULL;

		g_strlcpy(iface.alias, cases[i].alias, sizeof(iface.alias));
		records_fill(&record, RECORDS_EGRESS);
		record.out = &iface;
		out = written_field(field_find("interfaceDescription"),
				    cases[i].length, &record);
		hex_check(out, cases[i].length, cases[i].hex);
	}
}

/* A name that fills its member has no NUL to end it. */
static void
test_unended_string(void)
{
	struct iface iface = { .index = 1 };
	struct record record;
	g_autofree uint8_t *out = NULL;

	memset(iface.name, 'n', sizeof(iface.name));
	memset(iface.alias, 'a', sizeof(iface.alias));
	records_fill(&record, RECORDS_EGRESS);
	record.out = &iface;
	out = written_field(field_find("interfaceName"), 16, &record);
	hex_check(out, 16, "6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e");
}

static void
add(void)
{
	g_test_add_func("/plan/widths", test_widths);
	g_test_add_func("/plan/last-members", test_last_members);
	g_test_add_func("/plan/epoch", test_epoch);
	g_test_add_func("/plan/slack", test_slack);
	g_test_add_func("/plan/strings", test_strings);
	g_test_add_func("/plan/unended-string", test_unended_string);
	g_test_add_func("/plan/standard", test_standard);
	for (const struct field *field = fields; field->name; field++) {
		g_autofree char *path =
			g_strdup_printf("/plan/field/%s", field->name);

		g_test_add_data_func(path, field, test_every_field);
	}
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
