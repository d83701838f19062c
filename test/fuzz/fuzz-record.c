/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record of any octets, printed as text and as JSON, and exported with every
 * element that we know.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "json.h"
#include "print.h"
#include "protocols.h"

struct made {
	struct record record;
	struct iface in, out;
};

static void
make_iface(struct fuzz *fuzz, struct iface *iface)
{
	iface->index = fuzz_uint(fuzz, 4);
	fuzz_copy(fuzz, iface->mac, sizeof(iface->mac));
	fuzz_copy(fuzz, iface->name, sizeof(iface->name) - 1);
	fuzz_copy(fuzz, iface->alias, fuzz_uint(fuzz, 1));
}

/* What the stages before promise is kept, all else is as it comes. */
static void
make(struct fuzz *fuzz, struct made *made)
{
	static const uint8_t families[] = { FLOW_OTHER, FLOW_IPV4, FLOW_IPV6 };
	struct record *record = &made->record;
	unsigned options = fuzz_uint(fuzz, 1);

	memset(made, 0, sizeof(*made));
	fuzz_copy(fuzz, &record->key, sizeof(record->key));
	fuzz_copy(fuzz, &record->value, sizeof(record->value));
	record->key.direction &= 1;
	record->key.family = families[record->key.family % 3];
	record->start_ns = fuzz_uint(fuzz, 8);
	record->end_ns = record->start_ns + fuzz_uint(fuzz, 8);
	record->end_ns = MAX(record->start_ns, record->end_ns);
	record->total_octets = fuzz_uint(fuzz, 8);
	record->total_packets = fuzz_uint(fuzz, 4);
	record->end_reason = 1 + fuzz_uint(fuzz, 1) % END_LACK;
	record->duplicate = options & 1;
	record->meter = options & 2 ? &records_meter : NULL;
	record->in = options & 4 ? &made->in : NULL;
	record->out = options & 8 ? &made->out : NULL;
	if (options & 16 && record->key.family != FLOW_OTHER)
		fuzz_copy(fuzz, &record->reverse, sizeof(record->reverse));
	make_iface(fuzz, &made->in);
	make_iface(fuzz, &made->out);
}

static char *
print(const struct record *record, bool json)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct print *print = print_new(out, json);
	struct sink sink = print_sink(print);
	struct record copy = *record;

	sink_push(&sink, &copy);
	sink_flush(&sink);
	g_assert(print_error(print) == 0);
	print_free(print);
	fclose(out);
	g_assert(strlen(text) == len);
	return text;
}

/* Of LINES lines, that a terminal and a reader of UTF-8 can bear. */
static void
check_text(const char *text, unsigned lines)
{
	g_assert(g_utf8_validate(text, -1, NULL));
	for (; *text; text++) {
		lines -= *text == '\n';
		g_assert(*text == '\n' || !g_ascii_iscntrl(*text));
	}
	g_assert(lines == 0);
}

static void
check_print(const struct record *record)
{
	char *text = print(record, false), *json = print(record, true);

	check_text(text, 2);
	check_text(json, 1);
	free(text);
	free(json);
}

static void
check_line(const struct template_set *set, const struct record *record)
{
	const struct template *template = template_for(set, record);
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	json_write(out, template, record);
	fclose(out);
	check_text(text, 1);
	g_assert(len <= json_max_len(template));
	free(text);
}

static struct template_set *
load_set(void)
{
	const char *dirs[] = { g_getenv("FLOWEXPORT_TEMPLATES"), NULL };
	g_autoptr(GError) error = NULL;
	struct template_set *set = template_set_load("full", dirs, &error);

	g_assert_no_error(error);
	g_assert(template_set_add_biflow(set, NULL));
	return set;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct template_set *set;
	struct fuzz fuzz = { data, size };
	struct made made;

	if (!set)
		set = load_set();
	make(&fuzz, &made);
	check_print(&made.record);
	check_line(set, &made.record);
	protocols_check(set, &made.record, 1);
	return 0;
}
