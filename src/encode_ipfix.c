/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>

#include "clock.h"
#include "encode.h"
#include "encode_common.h"
#include "encode_ipfix_templates.h"
#include "plan.h"

#define IPFIX_VERSION	   10
#define IPFIX_HEADER_LEN   16
#define IPFIX_SET_LEN	   4 /* of its header */
#define IPFIX_TEMPLATE_LEN 4 /* of its header */

#define NO_SET -1

struct encoder {
	const struct template_set *set;
	struct plan *plan[TEMPLATE_N_FAMILIES]; /* NULL: not in the set */
	GPtrArray *templates; /* of GByteArray: messages, but for the stamp */
	uint32_t domain;
	size_t mtu;

	uint32_t sequence;  /* data records in messages taken */
	uint32_t n_records; /* in this message */
	int open;	    /* family of the set being filled, or NO_SET */
	size_t set_at;	    /* where that set begins */
	size_t len;
	uint8_t data[]; /* mtu + PLAN_SLACK */
};

/* RFC 7011 3.1 */
static void
stamp(const struct encoder *encoder, uint8_t *data, size_t len,
      uint64_t wall_ns)
{
	put16(data, IPFIX_VERSION);
	put16(data + 2, len);
	put32(data + 4, wall_ns / CLOCK_SECOND_NS);
	put32(data + 8, encoder->sequence);
	put32(data + 12, encoder->domain);
}

static void
close_set(struct encoder *encoder)
{
	if (encoder->open != NO_SET)
		put16(encoder->data + encoder->set_at + 2,
		      encoder->len - encoder->set_at);
	encoder->open = NO_SET;
}

static void
open_set(struct encoder *encoder, int family)
{
	close_set(encoder);
	encoder->open = family;
	encoder->set_at = encoder->len;
	put16(encoder->data + encoder->len, IPFIX_TEMPLATE_ID + family);
	encoder->len += IPFIX_SET_LEN;
}

static bool
ipfix_add(struct encoder *encoder, const struct record *record)
{
	int family = template_for(encoder->set, record) - encoder->set->family;
	const struct plan *plan = encoder->plan[family];
	size_t len;

	if (!plan)
		return true;
	len = plan->len + (family == encoder->open ? 0 : IPFIX_SET_LEN);
	if (encoder->len + len > encoder->mtu)
		return false;
	if (family != encoder->open)
		open_set(encoder, family);
	plan_write(plan, record, encoder->data + encoder->len);
	encoder->len += plan->len;
	encoder->n_records++;
	return true;
}

static bool
ipfix_take(struct encoder *encoder, uint64_t wall_ns, struct message *message)
{
	if (encoder->n_records == 0)
		return false;
	close_set(encoder);
	stamp(encoder, encoder->data, encoder->len, wall_ns);
	*message = (struct message){
		.data = encoder->data,
		.len = encoder->len,
		.n_records = encoder->n_records,
	};
	encoder->sequence += encoder->n_records;
	encoder->n_records = 0;
	encoder->len = IPFIX_HEADER_LEN;
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
	stamp(encoder, bytes->data, bytes->len, wall_ns);
	*message = (struct message){ .data = bytes->data, .len = bytes->len };
	return true;
}

static void
ipfix_restart(struct encoder *encoder)
{
	encoder->sequence = 0;
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
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++)
		plan_free(encoder->plan[i]);
	g_ptr_array_unref(encoder->templates);
	g_free(encoder);
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
	encoder = g_malloc0(sizeof(*encoder) + size + PLAN_SLACK);
	encoder->set = set;
	encoder->templates = templates;
	encoder->domain = domain;
	encoder->mtu = size;
	encoder->open = NO_SET;
	encoder->len = IPFIX_HEADER_LEN;
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++) {
		if (set->family[i].n_fields > 0)
			encoder->plan[i] = plan_new(&set->family[i]);
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
