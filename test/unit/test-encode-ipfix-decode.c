/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ipfix.h"
#include "../records.h"
#include "../tap.h"
#include "clock.h"
#include "encode.h"

#define DOMAIN	 0x01020304
#define EXPORT_S 0x65545fffU
#define WALL_NS	 (EXPORT_S * CLOCK_SECOND_NS + 999999999)
#define LEN6	 84  /* of the standard set's longest records */
#define N	 100 /* records in a stream */

static const struct encoder_ops *const ipfix = &encode_ipfix;

/* Every row of field.c that FAMILY has, at full length. */
static void
fill_template(struct template *template, enum field_family family)
{
	for (const struct field *field = fields; field->name; field++) {
		struct template_field *tf;

		if (!field_suits(field, family))
			continue;
		template->fields =
			g_renew(struct template_field, template->fields,
				template->n_fields + 1);
		tf = &template->fields[template->n_fields++];
		*tf = (struct template_field){ field, field->length };
		template->len += field->length;
	}
}

static struct template_set *
everything(void)
{
	struct template_set *set = g_new0(struct template_set, 1);

	set->name = g_strdup("everything");
	fill_template(&set->family[TEMPLATE_IPV4], FIELD_OF_IPV4);
	fill_template(&set->family[TEMPLATE_IPV6], FIELD_OF_IPV6);
	return set;
}

static void
decoder_announce(struct decoder *decoder, struct encoder *encoder)
{
	struct decoded decoded;
	struct message message;

	for (unsigned i = 0; ipfix->announce(encoder, i, WALL_NS, &message);
	     i++) {
		decoder_set(decoder, &message);
		g_assert_false(decoder_next(decoder, &decoded));
	}
}

/* What the standard set has of RECORD, but for the addresses. */
static void
check_values(const struct decoded *got, const struct record *record)
{
	const struct flow_value *value = &record->value;
	uint8_t protocol = record->key.protocol;

	g_assert_cmpuint(got->src_port, ==, record->key.src_port);
	g_assert_cmpuint(got->dst_port, ==, record->key.dst_port);
	g_assert_cmpuint(got->protocol, ==, protocol);
	g_assert_cmpuint(got->tos, ==, record->key.tos);
	g_assert_cmpuint(got->tcp_flags & 0xff, ==, value->tcp_flags & 0xff);
	g_assert_cmpuint(got->direction, ==, record->key.direction);
	g_assert_cmpuint(got->vlan, ==, record->key.vlan_id);
	g_assert_cmpuint(got->in, ==, record->in ? record->in->index : 0);
	g_assert_cmpuint(got->out, ==, record->out ? record->out->index : 0);
	g_assert_cmpuint(got->octets, ==, value->octets);
	g_assert_cmpuint(got->packets, ==, value->packets);
	g_assert_cmpuint(got->start_ms, ==, record->start_ns / 1000000);
	g_assert_cmpuint(got->end_ms, ==, record->end_ns / 1000000);
	g_assert_cmpuint(got->end_reason, ==, record->end_reason);
	g_assert_cmpuint(got->icmp4, ==,
			 protocol == IPPROTO_ICMP ? record->key.dst_port : 0);
	g_assert_cmpuint(got->icmp6, ==,
			 protocol == IPPROTO_ICMPV6 ? record->key.dst_port : 0);
}

static void
check_addresses(const struct decoded *got, const struct record *record)
{
	const struct flow_key *key = &record->key;
	static const uint8_t none[16];
	bool v4 = key->family == FLOW_IPV4;

	g_assert_cmpuint(got->src4, ==,
			 v4 ? ipfix_get32(key->src_addr + 12) : 0);
	g_assert_cmpuint(got->dst4, ==,
			 v4 ? ipfix_get32(key->dst_addr + 12) : 0);
	g_assert_cmpmem(got->src6, 16, v4 ? none : key->src_addr, 16);
	g_assert_cmpmem(got->dst6, 16, v4 ? none : key->dst_addr, 16);
}

/* What only the set of everything has. */
static void
check_rest(const struct decoded *got, const struct record *record)
{
	const struct flow_origin *origin = &record->value.origin;

	g_assert_cmpuint(got->version, ==, record->key.family);
	g_assert_cmpuint(got->ttl, ==, origin->ttl);
	g_assert_cmpuint(got->flow_label, ==, origin->flow_label);
	g_assert_cmpuint(got->tcp_flags, ==, record->value.tcp_flags);
	g_assert_cmpmem(got->src_mac, 6, origin->src_mac, 6);
	g_assert_cmpmem(got->dst_mac, 6, origin->dst_mac, 6);
}

/* The Ith record of a stream of all kinds, with octets of its own. */
static void
fill(struct record *record, unsigned i)
{
	records_fill(record, i * 7 / 3 % RECORDS_N);
	record->value.octets = i;
}

/* Decodes MESSAGE, whose records tell which of the stream they are: FROM those
 * that were sent, in order within the family. */
static void
check_message(struct decoder *decoder, const struct message *message,
	      unsigned from, bool seen[N])
{
	struct decoded decoded;
	struct record record;
	unsigned n = 0, last = 0;

	ipfix_check_header(message, EXPORT_S, from, DOMAIN);
	decoder_set(decoder, message);
	for (; decoder_next(decoder, &decoded); n++) {
		g_assert_cmpuint(decoded.octets, <, N);
		g_assert_false(seen[decoded.octets]);
		g_assert_true(n == 0 || decoded.octets > last);
		last = decoded.octets;
		seen[last] = true;
		fill(&record, last);
		check_values(&decoded, &record);
		check_addresses(&decoded, &record);
	}
	g_assert_cmpuint(n, ==, message->tally.records);
	g_assert_cmpuint(n, >, 0);
}

static void
test_all_values(void)
{
	struct template_set *set = everything();
	struct encoder *encoder = ipfix->new(set, DOMAIN, 4000, NULL);
	struct decoder decoder = decoder_new();
	struct decoded decoded;
	struct message message;
	struct record record;

	g_assert_nonnull(encoder);
	decoder_announce(&decoder, encoder);
	for (int kind = 0; kind < RECORDS_N; kind++) {
		records_fill(&record, kind);
		g_assert_true(ipfix->add(encoder, &record));
		g_assert_true(ipfix->take(encoder, WALL_NS, &message));
		g_assert_cmpuint(message.tally.records, ==, 1);
		decoder_set(&decoder, &message);
		g_assert_true(decoder_next(&decoder, &decoded));
		check_values(&decoded, &record);
		check_addresses(&decoded, &record);
		check_rest(&decoded, &record);
		g_assert_false(decoder_next(&decoder, &decoded));
	}
	decoder_free(&decoder);
	ipfix->free(encoder);
	template_set_free(set);
}

/* A stream in messages of MTU octets: none longer, none emptier than need be,
 * nothing lost, numbers right. */
static void
check_stream(const struct template_set *set, uint32_t mtu)
{
	struct encoder *encoder = ipfix->new(set, DOMAIN, mtu, NULL);
	struct decoder decoder = decoder_new();
	struct message message;
	struct record record;
	bool seen[N] = { false };
	unsigned sent = 0;

	g_assert_nonnull(encoder);
	decoder_announce(&decoder, encoder);
	for (unsigned i = 0; i < N; i++) {
		fill(&record, i);
		if (ipfix->add(encoder, &record))
			continue;
		g_assert_true(ipfix->take(encoder, WALL_NS, &message));
		g_assert_cmpuint(message.len, <=, mtu);
		g_assert_cmpuint(message.len + LEN6, >, mtu);
		check_message(&decoder, &message, sent, seen);
		sent += message.tally.records;
		g_assert_true(ipfix->add(encoder, &record));
	}
	while (ipfix->take(encoder, WALL_NS, &message)) {
		g_assert_cmpuint(message.len, <=, mtu);
		check_message(&decoder, &message, sent, seen);
		sent += message.tally.records;
	}
	g_assert_cmpuint(sent, ==, N);
	decoder_free(&decoder);
	ipfix->free(encoder);
}

static void
test_every_mtu(void)
{
	struct template_set *set = ipfix_standard_set();

	for (uint32_t mtu = 16 + 4 + LEN6; mtu <= 1500; mtu += 7)
		check_stream(set, mtu);
	check_stream(set, 1500);
	template_set_free(set);
}

static void
add(void)
{
	g_test_add_func("/encode-ipfix-decode/all-values", test_all_values);
	g_test_add_func("/encode-ipfix-decode/every-mtu", test_every_mtu);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
