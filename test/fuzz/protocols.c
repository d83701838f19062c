/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "protocols.h"

#include "clock.h"
#include "encode.h"
#include "fuzz.h"

enum { MTU = 1400, MOST_MESSAGES = 64 };

#define WALL_NS (1700000000 * CLOCK_SECOND_NS)

static void
check_message(const struct message *message)
{
	g_assert(message->len > 0 && message->len <= MTU);
}

static void
announce(const struct encoder_ops *ops, struct encoder *encoder)
{
	struct message message;

	for (unsigned i = 0; ops->announce(encoder, i, WALL_NS, &message);
	     i++) {
		g_assert(i < MOST_MESSAGES);
		check_message(&message);
	}
}

static void
send_record(const struct encoder_ops *ops, struct encoder *encoder,
	    const struct record *record)
{
	struct message message;
	uint64_t records = 0;

	g_assert(ops->add(encoder, record));
	while (ops->take(encoder, WALL_NS, &message)) {
		check_message(&message);
		records += message.tally.records;
	}
	g_assert(records <= 1);
}

void
protocols_check(const struct template_set *set, const struct record *records,
		size_t n)
{
	static const struct encoder_ops *const protocols[] = {
		&encode_ipfix,
		&encode_netflow9,
		&encode_json,
		&encode_ntopng,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(protocols); i++) {
		const struct encoder_ops *ops = protocols[i];
		g_autoptr(GError) error = NULL;
		struct encoder *encoder = ops->new (set, 1, MTU, &error);

		g_assert(!encoder == !!error);
		if (!encoder)
			continue;
		announce(ops, encoder);
		for (size_t j = 0; j < n; j++)
			send_record(ops, encoder, &records[j]);
		ops->free(encoder);
	}
}
