/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <string.h>

#include "clock.h"
#include "encode.h"
#include "encode_common.h"
#include "encode_ipfix_set.h"

#define IPFIX_VERSION 10

#define NS_PER_MS 1000000

/* The messages that are being filled: options data, that of the process, which
 * is told in a domain of its own (RFC 7011 3.1), and each family's records. */
enum {
	PART_OPTIONS,
	PART_STATISTICS,
	PART_RECORDS,
	N_PARTS = PART_RECORDS + TEMPLATE_N_FAMILIES,
};

/* Templates, options and what belongs to them; then each family. */
#define N_STREAMS (1 + TEMPLATE_N_FAMILIES)

#define NO_PART -1
#define NO_SET	-1

struct part {
	uint32_t n_records; /* of data, flows or options */
	struct tally tally;
	int open;      /* template of the set being filled, or NO_SET */
	size_t set_at; /* where that set begins */
	size_t len;
	uint8_t *data; /* mtu + PLAN_SLACK */
};

struct encoder {
	struct ipfix_set set;
	struct part parts[N_PARTS];
	int full; /* the part without room, or NO_PART */
	uint32_t domain;
	size_t mtu;
	uint64_t epoch_ms;

	unsigned n_streams;
	uint32_t sequence[N_STREAMS]; /* data records in messages taken */
	uint32_t statistics_sequence; /* in domain 0 */
};

/* RFC 7011 3.1 */
static void
stamp(uint8_t *data, size_t len, uint64_t wall_ns, uint32_t sequence,
      uint32_t domain)
{
	put16(data, IPFIX_VERSION);
	put16(data + 2, len);
	put32(data + 4, wall_ns / CLOCK_SECOND_NS);
	put32(data + 8, sequence);
	put32(data + 12, domain);
}

static void
clear(struct part *part)
{
	part->n_records = 0;
	part->tally = (struct tally){ 0 };
	part->open = NO_SET;
	part->len = IPFIX_HEADER_LEN;
}

static void
close_set(struct part *part)
{
	if (part->open != NO_SET)
		put16(part->data + part->set_at + 2, part->len - part->set_at);
	part->open = NO_SET;
}

static void
open_set(const struct encoder *encoder, struct part *part, int template)
{
	close_set(part);
	part->open = template;
	part->set_at = part->len;
	put16(part->data + part->len, encoder->set.id[template]);
	part->len += IPFIX_SET_LEN;
}

/* A record of TEMPLATE, into a part; false: it has no room for it. */
static bool
write_record(struct encoder *encoder, int i, int template,
	     const uint8_t *const base[FIELD_N_FROM])
{
	const struct plan *plan = encoder->set.plan[template];
	struct part *part = &encoder->parts[i];
	size_t len = plan->len + (template == part->open ? 0 : IPFIX_SET_LEN);

	if (part->len + len > encoder->mtu) {
		encoder->full = i;
		return false;
	}
	if (template != part->open)
		open_set(encoder, part, template);
	plan_write(plan, base, part->data + part->len);
	part->len += plan->len;
	part->n_records++;
	return true;
}

static void
set_epoch(struct encoder *encoder, uint64_t epoch_ms)
{
	encoder->epoch_ms = epoch_ms;
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++) {
		if (encoder->set.plan[i])
			encoder->set.plan[i]->epoch_ms = epoch_ms;
	}
}

static bool
ipfix_add(struct encoder *encoder, const struct record *record)
{
	int family = template_for(encoder->set.set, record) -
		     encoder->set.set->family;
	uint64_t ms = record->start_ns / NS_PER_MS;
	const uint8_t *base[FIELD_N_FROM];

	if (!encoder->set.plan[family])
		return true;
	/* Each record tells the epoch, so that may change at any time. */
	if (encoder->set.has_uptimes && !common_reaches(encoder->epoch_ms, ms))
		set_epoch(encoder, common_epoch(ms));
	field_bases(record, base);
	if (!write_record(encoder, PART_RECORDS + family, family, base))
		return false;
	tally_record(&encoder->parts[PART_RECORDS + family].tally, record);
	return true;
}

static int
options_part(const struct encoder *encoder, enum template_options table)
{
	return ipfix_set_apart(&encoder->set, TEMPLATE_OF_OPTIONS(table))
		       ? PART_STATISTICS
		       : PART_OPTIONS;
}

static bool
ipfix_add_options(struct encoder *encoder, enum template_options table,
		  const uint8_t *const base[FIELD_N_FROM])
{
	int template = TEMPLATE_OF_OPTIONS(table);

	return !encoder->set.plan[template] ||
	       write_record(encoder, options_part(encoder, table), template,
			    base);
}

/* Records have the streams behind the first to themselves, if there are any. */
static unsigned
stream_of(const struct encoder *encoder, int i)
{
	return encoder->n_streams > 1 && i >= PART_RECORDS
		       ? 1 + (i - PART_RECORDS) % (encoder->n_streams - 1)
		       : 0;
}

static void
ipfix_skip(struct encoder *encoder, const struct record *record)
{
	int family = template_for(encoder->set.set, record) -
		     encoder->set.set->family;

	encoder->sequence[stream_of(encoder, PART_RECORDS + family)]++;
}

static int
next_part(const struct encoder *encoder)
{
	int i = 0;

	if (encoder->full != NO_PART)
		return encoder->full;
	while (i < N_PARTS && encoder->parts[i].n_records == 0)
		i++;
	return i < N_PARTS ? i : NO_PART;
}

static bool
ipfix_take(struct encoder *encoder, uint64_t wall_ns, struct message *message)
{
	int i = next_part(encoder);
	bool statistics = i == PART_STATISTICS;
	struct part *part;
	uint32_t *sequence;

	if (i == NO_PART)
		return false;
	part = &encoder->parts[i];
	close_set(part);
	*message = (struct message){
		.data = part->data,
		.len = part->len,
		.tally = part->tally,
		.stream = stream_of(encoder, i),
	};
	sequence = statistics ? &encoder->statistics_sequence
			      : &encoder->sequence[message->stream];
	stamp(part->data, part->len, wall_ns, *sequence,
	      statistics ? 0 : encoder->domain);
	*sequence += part->n_records;
	encoder->full = NO_PART;
	clear(part);
	return true;
}

static bool
ipfix_announce(struct encoder *encoder, unsigned i, uint64_t wall_ns,
	       struct message *message)
{
	bool statistics = i >= encoder->set.templates->len;
	GPtrArray *messages = encoder->set.templates;
	GByteArray *bytes;

	if (statistics) {
		i -= messages->len;
		messages = encoder->set.statistics;
	}
	if (i >= messages->len)
		return false;
	bytes = messages->pdata[i];
	stamp(bytes->data, bytes->len, wall_ns,
	      statistics ? encoder->statistics_sequence : encoder->sequence[0],
	      statistics ? 0 : encoder->domain);
	*message = (struct message){ .data = bytes->data, .len = bytes->len };
	return true;
}

static void
ipfix_restart(struct encoder *encoder, unsigned n_streams)
{
	encoder->n_streams = MIN(n_streams, N_STREAMS);
	memset(encoder->sequence, 0, sizeof(encoder->sequence));
	encoder->statistics_sequence = 0;
}

static uint16_t
ipfix_template_id(const struct encoder *encoder, int template)
{
	return encoder->set.id[template];
}

static uint16_t
ipfix_field_id(const struct template_set *set, const struct field *field)
{
	(void)set;
	return field->id;
}

static void
ipfix_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	ipfix_set_clear(&encoder->set);
	for (int i = 0; i < N_PARTS; i++)
		g_free(encoder->parts[i].data);
	g_free(encoder);
}

static struct encoder *
ipfix_new(const struct template_set *set, uint32_t domain, uint32_t mtu,
	  GError **error)
{
	struct encoder *encoder = g_new0(struct encoder, 1);

	encoder->domain = domain;
	encoder->mtu = MIN(mtu, UINT16_MAX); /* a message's length is 16 bits */
	encoder->full = NO_PART;
	for (int i = 0; i < N_PARTS; i++) {
		encoder->parts[i].data = g_malloc(encoder->mtu + PLAN_SLACK);
		clear(&encoder->parts[i]);
	}
	if (!ipfix_set_init(&encoder->set, set, domain != 0, encoder->mtu,
			    error)) {
		ipfix_free(encoder);
		return NULL;
	}
	set_epoch(encoder, common_boot_ms());
	return encoder;
}

/* IDs go by the layout: they stay. */
static bool
ipfix_limit(struct encoder *encoder, uint32_t mtu, GError **error)
{
	struct ipfix_set own = { 0 };

	if (!ipfix_set_init(&own, encoder->set.set, encoder->set.apart, mtu,
			    error)) {
		ipfix_set_clear(&own);
		return false;
	}
	ipfix_set_clear(&encoder->set);
	encoder->set = own;
	encoder->mtu = mtu;
	set_epoch(encoder, encoder->epoch_ms);
	return true;
}

const struct encoder_ops encode_ipfix = {
	.name = "ipfix",
	.default_port = 4739,
	.field_id = ipfix_field_id,
	.new = ipfix_new,
	.free = ipfix_free,
	.limit = ipfix_limit,
	.announce = ipfix_announce,
	.add = ipfix_add,
	.skip = ipfix_skip,
	.add_options = ipfix_add_options,
	.template_id = ipfix_template_id,
	.take = ipfix_take,
	.restart = ipfix_restart,
};
