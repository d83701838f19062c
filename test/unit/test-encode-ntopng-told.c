/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ntopng is told beside flows: interfaces' names, and the event that says
 * how we are.
 */
#include <string.h>

#include "../ntopng.h"
#include "../sets.h"
#include "../tap.h"
#include "ledger.h"

static const struct encoder_ops *const ntopng = &encode_ntopng;

static bool
add_name(struct encoder *encoder, const struct iface *iface)
{
	const uint8_t *const base[FIELD_N_FROM] = {
		[FIELD_FROM_SEEN] = (const void *)iface,
		[FIELD_FROM_METER] = (const void *)&records_meter,
	};

	return ntopng->add_options(encoder, OPTIONS_INTERFACE_NAMES, base) &&
	       ntopng->add_options(encoder, OPTIONS_FLOW_KEYS, base);
}

/* They go before flows that wait, in as many messages as it takes. */
static void
test_names(void)
{
	struct template_set *set = sets_shipped("ntopng");
	struct encoder *encoder = ntopng->new(set, NTOPNG_DOMAIN, 1400, NULL);
	struct iface odd = { .index = 4000000000, .name = "a\"\xff" };
	struct message message;
	unsigned n = 0;

	g_assert_true(add_name(encoder, &records_in));
	ntopng_add(encoder, RECORDS_TCP4);
	g_assert_true(add_name(encoder, &records_out));
	g_assert_true(add_name(encoder, &odd));
	message = ntopng_take(encoder);
	ntopng_assert(&message, "names");
	g_assert_cmpuint(message.tally.records, ==, 0);
	g_assert_cmpuint(ntopng_take(encoder).tally.records, ==, 1);
	while (add_name(encoder, &odd))
		n++;
	message = ntopng_take(encoder);
	g_assert_cmpuint(n, >, 20);
	g_assert_cmpuint(message.len, <=, 1400);
	g_assert_cmpuint(message.len + 40, >, 1400);
	g_assert_cmpmem(message.data + message.len - 2, 2, "}}", 2);
	g_assert_false(ntopng->take(encoder, NTOPNG_WALL_NS, &message));
	ntopng->free(encoder);
	template_set_free(set);
}

static char *
beat(struct encoder *encoder, const struct ledger *ledger, uint64_t wall_ns)
{
	const uint8_t *const base[FIELD_N_FROM] = {
		[FIELD_FROM_METER] = (const void *)&records_meter,
		[FIELD_FROM_LEDGER] = (const void *)ledger,
	};
	struct message message;

	ntopng->beat(encoder, base, wall_ns, &message);
	g_assert_cmpmem(message.data, 6, "event", 6);
	g_assert_cmpint(message.data[17], ==, 0);
	return g_strndup((const char *)message.data + message.head,
			 message.len - message.head);
}

static void
assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		g_error("no %s in %s", part, text);
}

/* Rates are those since the last; a clock that was set back tells of none. */
static void
test_event(void)
{
	struct template_set *set = sets_shipped("ntopng");
	struct encoder *encoder = ntopng->new(set, NTOPNG_DOMAIN, 1400, NULL);
	struct ledger ledger = { .seen_packets = 1000,
				 .seen_octets = 50000,
				 .records = 7,
				 .unsent_records = 3,
				 .ignored_packets = 5 };
	g_autofree char *first = beat(encoder, &ledger, NTOPNG_WALL_NS);
	g_autofree char *second = NULL, *third = NULL;

	assert_has(first, "\"probe\":{\"ip\":\"192.0.2.9\",");
	assert_has(first, "\"uuid_num\":16909060}");
	assert_has(first, "\"time\":1700000100,\"bytes\":50000,"
			  "\"packets\":1000,\"avg\":{\"bps\":0,\"pps\":0}");
	assert_has(first, "\"drops\":{\"export_queue_full\":3,"
			  "\"too_many_flows\":5,");
	assert_has(first, "\"zmq\":{\"num_flow_exports\":7,");
	ledger.seen_packets += 500;
	ledger.seen_octets += 25000;
	second = beat(encoder, &ledger, NTOPNG_WALL_NS + 2 * CLOCK_SECOND_NS);
	assert_has(second, "\"avg\":{\"bps\":100000,\"pps\":250}");
	third = beat(encoder, &ledger, NTOPNG_WALL_NS);
	assert_has(third, "\"avg\":{\"bps\":0,\"pps\":0}");
	ntopng->free(encoder);
	template_set_free(set);
}

static void
add_tests(void)
{
	g_test_add_func("/encode-ntopng/names", test_names);
	g_test_add_func("/encode-ntopng/event", test_event);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add_tests);
}
