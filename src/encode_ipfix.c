/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <string.h>

#include "clock.h"
#include "encode.h"
#include "encode_common.h"
#include "encode_ipfix_templates.h"
#include "plan.h"

#define IPFIX_VERSION	   10
#define IPFIX_HEADER_LEN   16
#define IPFIX_SET_LEN	   4 /* of its header */
#define IPFIX_TEMPLATE_LEN 4 /* of its header */

/* Templates, options and what belongs to them; then each family. */
#define N_STREAMS (1 + TEMPLATE_N_FAMILIES)
#define NO_PART	  -1

/* The message that is being filled with one family's records, in one set. */
struct part {
	struct plan *plan; /* NULL: not in the set */
	struct tally tally;
	size_t len;
	uint8_t *data; /* mtu + PLAN_SLACK */
};

struct encoder {
	const struct template_set *set;
	struct part parts[TEMPLATE_N_FAMILIES];
	int full;	      /* the part without room, or NO_PART */
	GPtrArray *templates; /* of GByteArray: messages, but for the stamp */
	uint32_t domain;
	size_t mtu;

	unsigned n_streams;
	uint32_t sequence[N_STREAMS]; /* data records in messages taken */
};

/* RFC 7011 3.1 */
static void
stamp(const struct encoder *encoder, unsigned stream, uint8_t *data, size_t len,
      uint64_t wall_ns)
{
	put16(data, IPFIX_VERSION);
	put16(data + 2, len);
	put32(data + 4, wall_ns / CLOCK_SECOND_NS);
	put32(data + 8, encoder->sequence[stream]);
	put32(data + 12, encoder->domain);
}

static void
clear(struct part *part)
{
	part->tally = (struct tally){ 0 };
	part->len = IPFIX_HEADER_LEN + IPFIX_SET_LEN;
}

static bool
ipfix_add(struct encoder *encoder, const struct record *record)
{
	int family = template_for(encoder->set, record) - encoder->set->family;
	struct part *part = &encoder->parts[family];
	const uint8_t *base[FIELD_N_FROM];

	if (!part->plan)
		return true;
	if (part->len + part->plan->len > encoder->mtu) {
		encoder->full = family;
		return false;
	}
	field_bases(record, base);
	plan_write(part->plan, base, part->data + part->len);
	part->len += part->plan->len;
	tally_record(&part->tally, record);
	return true;
}

/* Data has the streams behind the first to itself, if there are any. */
static unsigned
stream_of(const struct encoder *encoder, int family)
{
	return encoder->n_streams > 1 ? 1 + family % (encoder->n_streams - 1)
				      : 0;
}

static int
next_part(const struct encoder *encoder)
{
	int family = 0;

	if (encoder->full != NO_PART)
		return encoder->full;
	while (family < TEMPLATE_N_FAMILIES &&
	       encoder->parts[family].tally.records == 0)
		family++;
	return family < TEMPLATE_N_FAMILIES ? family : NO_PART;
}

static bool
ipfix_take(struct encoder *encoder, uint64_t wall_ns, struct message *message)
{
	int family = next_part(encoder);
	struct part *part;
	unsigned stream;

	if (family == NO_PART)
		return false;
	part = &encoder->parts[family];
	stream = stream_of(encoder, family);
	put16(part->data + IPFIX_HEADER_LEN, IPFIX_TEMPLATE_ID + family);
	put16(part->data + IPFIX_HEADER_LEN + 2, part->len - IPFIX_HEADER_LEN);
	stamp(encoder, stream, part->data, part->len, wall_ns);
	*message = (struct message){
		.data = part->data,
		.len = part->len,
		.tally = part->tally,
		.stream = stream,
	};
	encoder->sequence[stream] += part->tally.records;
	encoder->full = NO_PART;
	clear(part);
	return true;
}

static bool
ipfix_announce(struct encoder *encoder, unsigned i, uint64_t wall_ns,
	       struct message *message)
{
	GByteArray *bytes;

	if (i >= encoder->templates->len)
		return false;
	bytes = encoder->templates->pdata[i];
	stamp(encoder, 0, bytes->data, bytes->len, wall_ns);
	*message = (struct message){ .data = bytes->data, .len = bytes->len };
	return true;
}

static void
ipfix_restart(struct encoder *encoder, unsigned n_streams)
{
	encoder->n_streams = MIN(n_streams, N_STREAMS);
	memset(encoder->sequence, 0, sizeof(encoder->sequence));
}

static uint16_t
ipfix_field_id(const struct field *field)
{
	return field->id;
}

static size_t
specifiers_len(const struct template *template)
{
	size_t len = 0;

	for (size_t i = 0; i < template->n_fields; i++)
		len += template->fields[i].field->pen ? 8 : 4;
	return len;
}

static bool
check_family(const struct template_set *set, int family, size_t mtu,
	     GError **error)
{
	const struct template *template = &set->family[family];
	size_t len = IPFIX_HEADER_LEN + IPFIX_SET_LEN;

	if (template->n_fields == 0)
		return true;
	return common_fits(set, family, "record", len + template->len, mtu,
			   error) &&
	       common_fits(set, family, "template",
			   len + IPFIX_TEMPLATE_LEN + specifiers_len(template),
			   mtu, error);
}

static void
ipfix_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++) {
		plan_free(encoder->parts[i].plan);
		g_free(encoder->parts[i].data);
	}
	g_ptr_array_unref(encoder->templates);
	g_free(encoder);
}

static void
add_part(struct part *part, const struct template *template, size_t mtu)
{
	part->plan = plan_new(template);
	part->data = g_malloc(mtu + PLAN_SLACK);
	clear(part);
}

static struct encoder *
ipfix_new(const struct template_set *set, uint32_t domain, uint32_t mtu,
	  GError **error)
{
	size_t size = MIN(mtu, UINT16_MAX); /* a message's length is 16 bits */
	struct encoder *encoder;
	GPtrArray *templates;

	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++) {
		if (!check_family(set, i, size, error))
			return NULL;
	}
	templates = ipfix_templates(set, size, error);
	if (!templates)
		return NULL;
	encoder = g_new0(struct encoder, 1);
	encoder->set = set;
	encoder->templates = templates;
	encoder->domain = domain;
	encoder->mtu = size;
	encoder->full = NO_PART;
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++) {
		if (set->family[i].n_fields > 0)
			add_part(&encoder->parts[i], &set->family[i], size);
	}
	return encoder;
}

const struct encoder_ops encode_ipfix = {
	.name = "ipfix",
	.default_port = 4739,
	.field_id = ipfix_field_id,
	.new = ipfix_new,
	.free = ipfix_free,
	.announce = ipfix_announce,
	.add = ipfix_add,
	.take = ipfix_take,
	.restart = ipfix_restart,
};
