/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>

#include "clock.h"
#include "encode.h"
#include "encode_common.h"
#include "encode_netflow9_set.h"

/* RFC 3954 */
#define V9_VERSION	9
#define V9_TEMPLATE_SET 0
#define V9_OPTIONS_SET	1

#define NO_SET -1

#define NS_PER_MS 1000000

/* A message that is being filled. */
struct packet {
	uint32_t count; /* records in it, templates or data */
	struct tally tally;
	int open;      /* ID of the FlowSet being filled, or NO_SET */
	size_t set_at; /* where it begins */
	size_t record_len;
	size_t len;
	uint8_t *data; /* mtu + PLAN_SLACK */
};

struct encoder {
	struct netflow9_set set;
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
		if (encoder->set.plan[i])
			encoder->set.plan[i]->epoch_ms = boot_ms;
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
	if (common_reaches(encoder->boot_ms, wall_ms))
		return true;
	if (encoder->records.count > 0)
		return false;
	set_boot(encoder, common_epoch(wall_ms));
	return true;
}

/* Not where padding, of up to three octets, would be taken for a record. */
static void
pad(struct packet *packet)
{
	size_t n = align(packet->len) - packet->len;

	if (n >= packet->record_len)
		return;
	memset(packet->data + packet->len, 0, n);
	packet->len += n;
}

static void
close_set(struct packet *packet)
{
	if (packet->open == NO_SET)
		return;
	pad(packet);
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
	close_set(packet);
	packet->open = id;
	packet->record_len = len;
	packet->set_at = packet->len;
	put16(packet->data + packet->len, id);
	packet->len += V9_SET_LEN;
	return true;
}

/* A record of TEMPLATE; false: there is no room for it. */
static bool
write_record(struct encoder *encoder, int template,
	     const uint8_t *const base[FIELD_N_FROM])
{
	const struct plan *plan = encoder->set.plan[template];
	struct packet *packet = &encoder->records;
	int id = encoder->set.id[template];

	if (id == packet->open ? packet->len + plan->len > encoder->mtu
			       : !open_set(encoder, packet, id, plan->len))
		return false;
	plan_write(plan, base, packet->data + packet->len);
	packet->len += plan->len;
	packet->count++;
	return true;
}

static bool
v9_add(struct encoder *encoder, const struct record *record)
{
	const struct template_set *set = encoder->set.set;
	int family = template_for(set, record) - set->family;
	const uint8_t *base[FIELD_N_FROM];

	if (!encoder->set.plan[family])
		return true;
	if (!reach(encoder, record->start_ns / NS_PER_MS))
		return false;
	field_bases(record, base);
	if (!write_record(encoder, family, base))
		return false;
	tally_record(&encoder->records.tally, record);
	return true;
}

static bool
v9_add_options(struct encoder *encoder, enum template_options table,
	       const uint8_t *const base[FIELD_N_FROM])
{
	int template = TEMPLATE_OF_OPTIONS(table);

	return !encoder->set.plan[template] ||
	       write_record(encoder, template, base);
}

/* The header has whole seconds: sysUptime is that of the second, so that all
 * messages have the same boot for collectors, which subtract one from other;
 * and of the next one, for some take what is later than it for 49 days ago. */
static void
finish(struct encoder *encoder, struct packet *packet, uint64_t wall_ns,
       struct message *message)
{
	uint64_t wall_s = (wall_ns + CLOCK_SECOND_NS - 1) / CLOCK_SECOND_NS;

	close_set(packet);
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

/* Those from I on that one message holds; the one after them.  Some collectors
 * read the first only of several options templates in a FlowSet. */
static int
put_templates(struct encoder *encoder, int i)
{
	struct packet *packet = &encoder->templates;

	for (; i < TEMPLATE_N; i++) {
		size_t len = netflow9_template_len(&encoder->set, i);
		int set = i < TEMPLATE_N_FAMILIES ? V9_TEMPLATE_SET
						  : V9_OPTIONS_SET;

		if (!encoder->set.plan[i])
			continue;
		if (set == V9_OPTIONS_SET)
			close_set(packet);
		if (!open_set(encoder, packet, set, len))
			break;
		netflow9_put_template(&encoder->set, i,
				      packet->data + packet->len);
		packet->len += len;
		packet->count++;
	}
	return i;
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

/* What counts are messages (RFC 3954 5.1), and this was in none. */
static void
v9_skip(struct encoder *encoder, const struct record *record)
{
	(void)encoder;
	(void)record;
}

static void
v9_restart(struct encoder *encoder, unsigned n_streams)
{
	(void)n_streams; /* one sequence for all (RFC 3954 5.1) */
	encoder->sequence = 0;
}

static uint16_t
v9_template_id(const struct encoder *encoder, int template)
{
	return encoder->set.id[template];
}

static void
v9_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	netflow9_set_clear(&encoder->set);
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

	encoder->domain = domain;
	encoder->mtu = size & -(size_t)V9_ALIGN;
	begin(&encoder->records, size);
	begin(&encoder->templates, size);
	if (!netflow9_set_init(&encoder->set, set, size, error)) {
		v9_free(encoder);
		return NULL;
	}
	set_boot(encoder, common_boot_ms());
	return encoder;
}

/* IDs go by the layout: they stay. */
static bool
v9_limit(struct encoder *encoder, uint32_t mtu, GError **error)
{
	struct netflow9_set own = { 0 };

	if (!netflow9_set_init(&own, encoder->set.set, mtu, error)) {
		netflow9_set_clear(&own);
		return false;
	}
	netflow9_set_clear(&encoder->set);
	encoder->set = own;
	encoder->mtu = mtu & -(size_t)V9_ALIGN;
	set_boot(encoder, encoder->boot_ms);
	return true;
}

const struct encoder_ops encode_netflow9 = {
	.name = "netflow9",
	.default_port = 2055,
	.field_id = netflow9_type,
	.new = v9_new,
	.free = v9_free,
	.limit = v9_limit,
	.announce = v9_announce,
	.add = v9_add,
	.skip = v9_skip,
	.add_options = v9_add_options,
	.template_id = v9_template_id,
	.take = v9_take,
	.restart = v9_restart,
};
