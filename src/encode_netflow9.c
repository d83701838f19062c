/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gio/gio.h>

#include "clock.h"
#include "encode.h"
#include "encode_common.h"
#include "encode_netflow9_templates.h"
#include "plan.h"

/* RFC 3954 */
#define V9_VERSION	9
#define V9_HEADER_LEN	20
#define V9_SET_LEN	4 /* of a FlowSet's header */
#define V9_TEMPLATE_LEN 4 /* of its header, and of each of its fields */
#define V9_TEMPLATE_SET 0
#define V9_TEMPLATE_ID	256 /* plus enum template_family */
#define V9_ALIGN	4

#define NO_SET -1

#define NS_PER_MS   1000000
#define DAY_MS	    86400000ULL
#define MAX_UPTIME  (48 * DAY_MS) /* 32 bits hold 49.7 */
#define HALF_UPTIME (24 * DAY_MS)

/* A message that is being filled. */
struct packet {
	uint32_t count; /* records in it, templates or data */
	struct tally tally;
	int open;      /* ID of the FlowSet being filled, or NO_SET */
	size_t set_at; /* where it begins */
	size_t len;
	uint8_t *data; /* mtu + PLAN_SLACK */
};

struct encoder {
	const struct template_set *set;
	struct template family[TEMPLATE_N_FAMILIES]; /* what v9 has of it */
	struct plan *plan[TEMPLATE_N_FAMILIES];	     /* NULL: not in the set */
	uint32_t domain;
	size_t mtu; /* a multiple of V9_ALIGN, as all messages are */

	uint64_t boot_ms;  /* wall clock where sysUptime is 0 */
	uint32_t sequence; /* messages before the next */
	struct packet records, templates;
};

static void
clear(struct packet *packet)
{
	packet->count = 0;
	packet->tally = (struct tally){ 0 };
	packet->open = NO_SET;
	packet->len = V9_HEADER_LEN;
}

static size_t
align(size_t len)
{
	return (len + V9_ALIGN - 1) & -(size_t)V9_ALIGN;
}

static void
set_boot(struct encoder *encoder, uint64_t boot_ms)
{
	encoder->boot_ms = boot_ms;
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++) {
		if (encoder->plan[i])
			encoder->plan[i]->epoch_ms = boot_ms;
	}
}

/*
 * Whether sysUptime can tell WALL_MS.  Where it cannot (the host is long up,
 * its clock was set, a capture is older), the boot is moved, which needs an
 * empty message: collectors add times to the boot of the message they are in.
 */
static bool
reach(struct encoder *encoder, uint64_t wall_ms)
{
	if (wall_ms - encoder->boot_ms < MAX_UPTIME)
		return true;
	if (encoder->records.count > 0)
		return false;
	set_boot(encoder, wall_ms - HALF_UPTIME);
	return true;
}

/* Not where padding, of up to three octets, would be taken for a record. */
static void
pad(const struct encoder *encoder, struct packet *packet)
{
	size_t n = align(packet->len) - packet->len;
	int family = packet->open - V9_TEMPLATE_ID;

	if (family >= 0 && n >= encoder->family[family].len)
		return;
	memset(packet->data + packet->len, 0, n);
	packet->len += n;
}

static void
close_set(const struct encoder *encoder, struct packet *packet)
{
	if (packet->open == NO_SET)
		return;
	pad(encoder, packet);
	put16(packet->data + packet->set_at + 2, packet->len - packet->set_at);
	packet->open = NO_SET;
}

/* What comes next belongs to FlowSet ID; false: no room for LEN octets. */
static bool
open_set(const struct encoder *encoder, struct packet *packet, int id,
	 size_t len)
{
	if (id == packet->open)
		return packet->len + len <= encoder->mtu;
	if (align(packet->len) + V9_SET_LEN + len > encoder->mtu)
		return false;
	close_set(encoder, packet);
	packet->open = id;
	packet->set_at = packet->len;
	put16(packet->data + packet->len, id);
	packet->len += V9_SET_LEN;
	return true;
}

static bool
v9_add(struct encoder *encoder, const struct record *record)
{
	int family = template_for(encoder->set, record) - encoder->set->family;
	const struct plan *plan = encoder->plan[family];
	struct packet *packet = &encoder->records;
	const uint8_t *base[FIELD_N_FROM];

	if (!plan)
		return true;
	if (!reach(encoder, record->start_ns / NS_PER_MS) ||
	    !open_set(encoder, packet, V9_TEMPLATE_ID + family, plan->len))
		return false;
	field_bases(record, base);
	plan_write(plan, base, packet->data + packet->len);
	packet->len += plan->len;
	packet->count++;
	tally_record(&packet->tally, record);
	return true;
}

/* The header has whole seconds: sysUptime is that of the second, so that all
 * messages have the same boot for collectors, which subtract one from other;
 * and of the next one, for some take what is later than it for 49 days ago. */
static void
finish(struct encoder *encoder, struct packet *packet, uint64_t wall_ns,
       struct message *message)
{
	uint64_t wall_s = (wall_ns + CLOCK_SECOND_NS - 1) / CLOCK_SECOND_NS;

	close_set(encoder, packet);
	put16(packet->data, V9_VERSION);
	put16(packet->data + 2, packet->count);
	put32(packet->data + 4, wall_s * 1000 - encoder->boot_ms);
	put32(packet->data + 8, wall_s);
	put32(packet->data + 12, encoder->sequence++);
	put32(packet->data + 16, encoder->domain);
	*message = (struct message){
		.data = packet->data,
		.len = packet->len,
		.tally = packet->tally,
	};
	clear(packet);
}

static bool
v9_take(struct encoder *encoder, uint64_t wall_ns, struct message *message)
{
	if (encoder->records.count == 0)
		return false;
	finish(encoder, &encoder->records, wall_ns, message);
	return true;
}

static size_t
template_len(const struct template *template)
{
	return V9_TEMPLATE_LEN * (1 + template->n_fields);
}

static void
put_template(struct encoder *encoder, int family)
{
	const struct template *template = &encoder->family[family];
	struct packet *packet = &encoder->templates;
	uint8_t *at = packet->data + packet->len;

	put16(at, V9_TEMPLATE_ID + family);
	put16(at + 2, template->n_fields);
	for (size_t i = 0; i < template->n_fields; i++) {
		at += V9_TEMPLATE_LEN;
		put16(at, template->fields[i].field->v9);
		put16(at + 2, template->fields[i].length);
	}
	packet->len += template_len(template);
	packet->count++;
}

/* Those from FAMILY on that one message holds; the family after them. */
static int
put_templates(struct encoder *encoder, int family)
{
	for (; family < TEMPLATE_N_FAMILIES; family++) {
		if (!encoder->plan[family])
			continue;
		if (!open_set(encoder, &encoder->templates, V9_TEMPLATE_SET,
			      template_len(&encoder->family[family])))
			break;
		put_template(encoder, family);
	}
	return family;
}

static bool
v9_announce(struct encoder *encoder, unsigned i, uint64_t wall_ns,
	    struct message *message)
{
	int family = 0;

	reach(encoder, wall_ns / NS_PER_MS);
	do {
		clear(&encoder->templates);
		family = put_templates(encoder, family);
	} while (i-- > 0);
	if (encoder->templates.count == 0)
		return false;
	finish(encoder, &encoder->templates, wall_ns, message);
	return true;
}

static void
v9_restart(struct encoder *encoder, unsigned n_streams)
{
	(void)n_streams; /* one sequence for all (RFC 3954 5.1) */
	encoder->sequence = 0;
}

static uint16_t
v9_field_id(const struct field *field)
{
	return field->v9;
}

static bool
add_family(struct encoder *encoder, int family, size_t mtu, GError **error)
{
	const struct template_set *set = encoder->set;
	struct template *own = &encoder->family[family];
	size_t len = V9_HEADER_LEN + V9_SET_LEN;

	if (set->family[family].n_fields == 0)
		return true;
	*own = netflow9_template(&set->family[family]);
	if (own->n_fields == 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			    "template set \"%s\": NetFlow v9 has none of its "
			    "%s elements",
			    set->name, common_family_name(family));
		return false;
	}
	encoder->plan[family] = plan_new(own);
	return common_fits(set, family, "record", len + align(own->len), mtu,
			   error) &&
	       common_fits(set, family, "template", len + template_len(own),
			   mtu, error);
}

static void
v9_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++) {
		plan_free(encoder->plan[i]);
		g_free(encoder->family[i].fields);
	}
	g_free(encoder->records.data);
	g_free(encoder->templates.data);
	g_free(encoder);
}

static void
begin(struct packet *packet, size_t mtu)
{
	packet->data = g_malloc(mtu + PLAN_SLACK);
	clear(packet);
}

static struct encoder *
v9_new(const struct template_set *set, uint32_t domain, uint32_t mtu,
       GError **error)
{
	size_t size = MIN(mtu, UINT16_MAX); /* a FlowSet's length is 16 bits */
	struct encoder *encoder = g_new0(struct encoder, 1);

	encoder->set = set;
	encoder->domain = domain;
	encoder->mtu = size & -(size_t)V9_ALIGN;
	begin(&encoder->records, size);
	begin(&encoder->templates, size);
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++) {
		if (!add_family(encoder, i, size, error)) {
			v9_free(encoder);
			return NULL;
		}
	}
	set_boot(encoder, (clock_wall_ns() - clock_boot_ns()) / NS_PER_MS);
	return encoder;
}

const struct encoder_ops encode_netflow9 = {
	.name = "netflow9",
	.default_port = 2055,
	.field_id = v9_field_id,
	.new = v9_new,
	.free = v9_free,
	.announce = v9_announce,
	.add = v9_add,
	.take = v9_take,
	.restart = v9_restart,
};
