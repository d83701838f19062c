/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gio/gio.h>
#include <string.h>

#include "encode.h"
#include "encode_common.h"
#include "json.h"

/* Lines of JSON need neither templates nor numbers: a message is as many as
 * fit, each about a record, with the elements of its template set. */
struct encoder {
	const struct template_set *set;
	size_t mtu;
	struct tally tally;
	size_t len;
	uint8_t *data; /* mtu */

	/* Where a line is written before it is known to fit. */
	FILE *out;
	char *line;
	size_t line_len;
};

static size_t
write_line(struct encoder *encoder, const struct template *template,
	   const struct record *record)
{
	rewind(encoder->out);
	json_write(encoder->out, template, record);
	fflush(encoder->out);
	return ftell(encoder->out);
}

static bool
json_add(struct encoder *encoder, const struct record *record)
{
	const struct template *template = template_for(encoder->set, record);
	size_t len;

	if (template->n_fields == 0)
		return true;
	len = write_line(encoder, template, record);
	if (encoder->len + len > encoder->mtu)
		return false;
	memcpy(encoder->data + encoder->len, encoder->line, len);
	encoder->len += len;
	tally_record(&encoder->tally, record);
	return true;
}

static bool
json_take(struct encoder *encoder, uint64_t wall_ns, struct message *message)
{
	(void)wall_ns;
	if (encoder->len == 0)
		return false;
	*message = (struct message){
		.data = encoder->data,
		.len = encoder->len,
		.tally = encoder->tally,
	};
	encoder->len = 0;
	encoder->tally = (struct tally){ 0 };
	return true;
}

/* Objects are about flows. */
static bool
json_add_options(struct encoder *encoder, enum template_options table,
		 const uint8_t *const base[FIELD_N_FROM])
{
	(void)encoder;
	(void)table;
	(void)base;
	return true;
}

static uint16_t
json_field_id(const struct template_set *set, const struct field *field)
{
	(void)set;
	return field->id;
}

static void
json_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	fclose(encoder->out);
	free(encoder->line);
	g_free(encoder->data);
	g_free(encoder);
}

static bool
fits(const struct template_set *set, uint32_t mtu, GError **error)
{
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++) {
		const struct template *template = &set->family[i];

		if (template->n_fields > 0 &&
		    !common_fits(set, i, "record", json_max_len(template), mtu,
				 error))
			return false;
	}
	return true;
}

static bool
json_limit(struct encoder *encoder, uint32_t mtu, GError **error)
{
	if (!fits(encoder->set, mtu, error))
		return false;
	encoder->mtu = mtu;
	return true;
}

static struct encoder *
json_new(const struct template_set *set, uint32_t domain, uint32_t mtu,
	 GError **error)
{
	struct encoder *encoder;

	(void)domain;
	if (!fits(set, mtu, error))
		return NULL;
	encoder = g_new0(struct encoder, 1);
	encoder->set = set;
	encoder->mtu = mtu;
	encoder->data = g_malloc(mtu);
	encoder->out = open_memstream(&encoder->line, &encoder->line_len);
	return encoder;
}

const struct encoder_ops encode_json = {
	.name = "json",
	.field_id = json_field_id,
	.new = json_new,
	.free = json_free,
	.limit = json_limit,
	.announce = common_no_announce,
	.add = json_add,
	.skip = common_no_skip,
	.add_options = json_add_options,
	.template_id = common_no_template_id,
	.take = json_take,
	.restart = common_no_restart,
};
