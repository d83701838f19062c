/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <gio/gio.h>
#include <string.h>

#include "clock.h"
#include "encode.h"
#include "encode_common.h"
#include "encode_ntopng_frame.h"
#include "encode_ntopng_told.h"
#include "tlv.h"

#define PORT 5556

#define MAC_LEN (sizeof("00:00:00:00:00:00") - 1)

/* No options data tells ntopng of these: they are in each record. */
static const char *const required[] = { "ipVersion", "samplingInterval",
					"exporterIPv4Address" };

/* Flows wait as TLV, names of interfaces as JSON, until they are taken, and
 * numbered. */
struct encoder {
	const struct template_set *set;
	GPtrArray *families[TEMPLATE_N_FAMILIES]; /* of struct field */
	size_t mtu;
	struct frame_head head;
	uint8_t *flows; /* of len octets; none: 0 */
	size_t len;
	struct tally tally;
	GString *names;
	struct told_past past;
	uint8_t *record; /* where one is written before it is known to fit */
	GByteArray *frame;
};

static uint16_t
field_key(const struct template_set *set, const struct field *field)
{
	(void)set;
	return field->ntopng;
}

static size_t
max_string(const struct field *field)
{
	if (field->kind == FIELD_MAC)
		return MAC_LEN;
	return MAX(field->size, INET6_ADDRSTRLEN);
}

static size_t
max_len(const GPtrArray *told)
{
	size_t len = TLV_BEGIN_LEN + TLV_END_LEN;

	for (guint i = 0; i < told->len; i++) {
		const struct field *field = told->pdata[i];

		if (field->kind < FIELD_BYTES)
			len += TLV_MAX_UINT;
		else
			len += TLV_MAX_STRING + max_string(field);
	}
	return len;
}

static uint8_t *
put_mac(uint8_t *at, uint16_t key, const uint8_t *mac)
{
	char text[MAC_LEN + 1];

	g_snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		   mac[1], mac[2], mac[3], mac[4], mac[5]);
	return tlv_string(at, key, text);
}

static uint8_t *
put_address(uint8_t *at, uint16_t key, int family, const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, address, text, sizeof(text));
	return tlv_string(at, key, text);
}

static uint8_t *
put_field(uint8_t *at, const struct field *field, const struct record *record)
{
	const uint8_t *value = field_at(field, record);

	switch (field->kind) {
	case FIELD_MAC:
		return put_mac(at, field->ntopng, value);
	case FIELD_IPV4:
		return put_address(at, field->ntopng, AF_INET, value);
	case FIELD_BYTES:
		return put_address(at, field->ntopng, AF_INET6, value);
	case FIELD_MSEC:
		return tlv_uint(at, field->ntopng,
				*(const uint64_t *)value / CLOCK_SECOND_NS);
	default:
		return tlv_uint(at, field->ntopng, field_uint(field, record));
	}
}

static size_t
write_record(struct encoder *encoder, const GPtrArray *told,
	     const struct record *record)
{
	uint8_t *at = encoder->record;

	for (guint i = 0; i < told->len; i++) {
		const struct field *field = told->pdata[i];

		if (field->kind != FIELD_ICMP || record_is_icmp(record))
			at = put_field(at, field, record);
	}
	return tlv_end(at) - encoder->record;
}

static size_t
body_room(const struct encoder *encoder)
{
	return encoder->mtu - frame_head_len(&encoder->head);
}

static bool
ntopng_add(struct encoder *encoder, const struct record *record)
{
	const struct template *template = template_for(encoder->set, record);
	size_t begin = MAX(encoder->len, TLV_BEGIN_LEN), len;

	if (template->n_fields == 0)
		return true;
	len = write_record(encoder,
			   encoder->families[template - encoder->set->family],
			   record);
	if (begin + len > body_room(encoder))
		return false;
	tlv_begin(encoder->flows);
	memcpy(encoder->flows + begin, encoder->record, len);
	encoder->len = begin + len;
	tally_record(&encoder->tally, record);
	return true;
}

static bool
ntopng_add_options(struct encoder *encoder, enum template_options table,
		   const uint8_t *const base[FIELD_N_FROM])
{
	return table != OPTIONS_INTERFACE_NAMES ||
	       told_name(encoder->names, base, body_room(encoder));
}

static void
frame(struct encoder *encoder, const char *topic, const void *body, size_t len,
      struct message *message)
{
	bool flows = body == encoder->flows;

	g_byte_array_set_size(encoder->frame, FRAME_MAX_HEAD + len);
	*message = (struct message){
		.data = encoder->frame->data,
		.len = frame_write(&encoder->head, topic, flows, body, len,
				   encoder->frame->data),
		.head = frame_head_len(&encoder->head),
	};
}

static void
take_flows(struct encoder *encoder, struct message *message)
{
	frame(encoder, "flow", encoder->flows, encoder->len, message);
	message->tally = encoder->tally;
	encoder->len = 0;
	encoder->tally = (struct tally){ 0 };
}

static void
take_names(struct encoder *encoder, struct message *message)
{
	told_names_end(encoder->names);
	frame(encoder, "snmp-ifaces", encoder->names->str, encoder->names->len,
	      message);
	g_string_truncate(encoder->names, 0);
}

static bool
ntopng_take(struct encoder *encoder, uint64_t wall_ns, struct message *message)
{
	(void)wall_ns;
	if (encoder->names->len)
		take_names(encoder, message);
	else if (encoder->len)
		take_flows(encoder, message);
	else
		return false;
	return true;
}

static void
ntopng_beat(struct encoder *encoder, const uint8_t *const base[FIELD_N_FROM],
	    uint64_t wall_ns, struct message *message)
{
	g_autoptr(GString) body = g_string_new(NULL);

	told_event(body, &encoder->past, base, wall_ns);
	frame(encoder, "event", body->str, body->len, message);
}

static void
add_field(GPtrArray *told, const struct field *field)
{
	if (field->ntopng && !g_ptr_array_find(told, field, NULL))
		g_ptr_array_add(told, (gpointer)field);
}

/* The template's, by their keys, and what else ntopng needs. */
static GPtrArray *
compile(const struct template *template)
{
	GPtrArray *told = g_ptr_array_new();

	for (size_t i = 0; i < template->n_fields; i++)
		add_field(told, template->fields[i].field);
	for (size_t i = 0; i < G_N_ELEMENTS(required); i++)
		add_field(told, field_find(required[i]));
	return told;
}

static bool
fits(const struct encoder *encoder, uint32_t mtu, GError **error)
{
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++)
		if (encoder->set->family[i].n_fields > 0 &&
		    !common_fits(encoder->set, i, "record",
				 FRAME_MAX_HEAD + max_len(encoder->families[i]),
				 mtu, error))
			return false;
	return true;
}

static bool
ntopng_limit(struct encoder *encoder, uint32_t mtu, GError **error)
{
	if (!fits(encoder, mtu, error))
		return false;
	encoder->mtu = mtu;
	return true;
}

static void
ntopng_configure(struct encoder *encoder, const struct collector *collector)
{
	encoder->head.form = collector->ntopng_header;
	encoder->head.compress = collector->ntopng_compress;
}

static void
ntopng_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++)
		g_ptr_array_unref(encoder->families[i]);
	g_string_free(encoder->names, TRUE);
	g_byte_array_unref(encoder->frame);
	g_free(encoder->flows);
	g_free(encoder->record);
	g_free(encoder);
}

static struct encoder *
ntopng_new(const struct template_set *set, uint32_t domain, uint32_t mtu,
	   GError **error)
{
	struct encoder *encoder = g_new0(struct encoder, 1);

	encoder->set = set;
	encoder->mtu = mtu;
	encoder->head = (struct frame_head){ .form = 3, .source = domain };
	encoder->names = g_string_new(NULL);
	encoder->frame = g_byte_array_new();
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++)
		encoder->families[i] = compile(&set->family[i]);
	encoder->flows = g_malloc(mtu);
	encoder->record = g_malloc(mtu);
	if (fits(encoder, mtu, error))
		return encoder;
	ntopng_free(encoder);
	return NULL;
}

const struct encoder_ops encode_ntopng = {
	.name = "ntopng",
	.default_port = PORT,
	.frames = true,
	.ip_only = true,
	.field_id = field_key,
	.new = ntopng_new,
	.free = ntopng_free,
	.configure = ntopng_configure,
	.limit = ntopng_limit,
	.announce = common_no_announce,
	.add = ntopng_add,
	.skip = common_no_skip,
	.add_options = ntopng_add_options,
	.beat = ntopng_beat,
	.template_id = common_no_template_id,
	.take = ntopng_take,
	/* Who listens on must find no gap: numbers go on. */
	.restart = common_no_restart,
};
