/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "joiner.h"

#include <string.h>

#include "records.h"

static void
keep(void *to, struct record *record)
{
	struct joiner *j = to;

	g_string_append_printf(j->got, " %s%u",
			       record->key.src_port == JOINER_SERVER ? "s"
								     : "c",
			       record->value.packets);
	if (record->reverse.end_ns)
		g_string_append_printf(
			j->got, "/%u%s", record->reverse.packets,
			record->reverse.biflow == BIFLOW_INITIATOR ? "" : "?");
}

static void
forget(void *to)
{
	(void)to;
}

static void
setup(struct joiner *j, uint32_t max, bool live, const struct sink *sink)
{
	j->got = g_string_new(NULL);
	j->joined = 0;
	j->biflow = biflow_new(max, live, sink, &j->joined);
	j->sink = biflow_sink(j->biflow);
}

void
joiner_setup(struct joiner *j, uint32_t max, bool live)
{
	const struct sink sink = { keep, forget, j };

	setup(j, max, live, &sink);
}

void
joiner_setup_to(struct joiner *j, void (*push)(void *to, struct record *record),
		void *to)
{
	const struct sink sink = { push, forget, to };

	setup(j, 16, false, &sink);
}

void
joiner_teardown(struct joiner *j)
{
	biflow_free(j->biflow);
	g_string_free(j->got, TRUE);
}

struct record
joiner_record(uint16_t src_port, uint64_t first_ns, unsigned end_s,
	      uint32_t packets)
{
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	if (src_port == JOINER_SERVER) {
		memcpy(record.key.src_addr + 12, "\xc6\x33\x64\x07", 4);
		memcpy(record.key.dst_addr + 12, "\xc0\x00\x02\x01", 4);
		record.key.src_port = JOINER_SERVER;
		record.key.dst_port = JOINER_CLIENT;
		record.key.if_index = 77; /* wherever */
		record.value.tcp_flags = 0x12;
		record.key.tos = 0x20;
	}
	record.value.packets = packets;
	record.value.origin.first_ns = first_ns;
	record.end_ns = end_s * CLOCK_SECOND_NS;
	record.start_ns = record.end_ns - CLOCK_SECOND_NS;
	return record;
}

void
joiner_push(struct joiner *j, uint16_t src_port, uint64_t first_ns,
	    unsigned end_s, uint32_t packets)
{
	struct record record =
		joiner_record(src_port, first_ns, end_s, packets);

	sink_push(&j->sink, &record);
}

void
joiner_expect(struct joiner *j, const char *expected)
{
	g_assert_cmpstr(j->got->str, ==, expected);
	g_string_truncate(j->got, 0);
}
