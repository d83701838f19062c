/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode.h - a protocol: records in, messages out.  One encode_*.c each.
 *
 * An encoder serves one transport session at a time.  It fills a message, or
 * one for each template; the header's export time, sequence number and domain
 * are stamped when the message is taken, so take it when it is about to be
 * sent.
 */
#ifndef ENCODE_H
#define ENCODE_H

#include <glib.h>
#include <stdbool.h>

#include "collector.h"
#include "message.h"
#include "template.h"

enum { ENCODE_BEAT_S = 3 };

struct encoder;

struct encoder_ops {
	const char *name;
	uint16_t default_port; /* 0: users must say */
	bool frames;	       /* messages begin with one: see message.h */
	bool ip_only;	       /* a set's templates of what is not IP go unused */

	/* The number that FIELD of SET has on the wire; 0: it is left out. */
	uint16_t (*field_id)(const struct template_set *set,
			     const struct field *field);

	/* SET is lent for the encoder's life.  Fails on a set that this
	 * protocol cannot carry, or whose records exceed MTU. */
	struct encoder *(*new)(const struct template_set *set, uint32_t domain,
			       uint32_t mtu, GError **error);
	void (*free)(struct encoder *encoder);

	/* What else the user said of COLLECTOR, which is lent for the call;
	 * NULL: it does not matter. */
	void (*configure)(struct encoder *encoder,
			  const struct collector *collector);

	/* The path takes messages of MTU octets, which is not more than new()
	 * was told.  Nothing changes where they cannot be so short. */
	bool (*limit)(struct encoder *encoder, uint32_t mtu, GError **error);

	/* The messages that announce all templates, one a call from I = 0;
	 * false when there is none left.  What is pending stays so. */
	bool (*announce)(struct encoder *encoder, unsigned i, uint64_t wall_ns,
			 struct message *message);

	/* False: RECORD does not fit, take one message first.  A record whose
	 * family the set does not have is skipped (true). */
	bool (*add)(struct encoder *encoder, const struct record *record);

	/* RECORD, which nobody will get, counts as if it had been sent. */
	void (*skip)(struct encoder *encoder, const struct record *record);

	/* The same of a record of an options table, which stands in BASE. */
	bool (*add_options)(struct encoder *encoder,
			    enum template_options table,
			    const uint8_t *const base[FIELD_N_FROM]);

	/* A message that says that we live, and what stands in BASE; goes out
	 * every ENCODE_BEAT_S.  NULL: there is none. */
	void (*beat)(struct encoder *encoder,
		     const uint8_t *const base[FIELD_N_FROM], uint64_t wall_ns,
		     struct message *message);

	/* The ID of a template of the set (template_set.all); 0: not sent. */
	uint16_t (*template_id)(const struct encoder *encoder, int template);

	/* The message that is full, or else one of those filled so far; false:
	 * there is none with a record. */
	bool (*take)(struct encoder *encoder, uint64_t wall_ns,
		     struct message *message);

	/* A new transport session begins: sequence numbers start again.  Where
	 * it has more than one of N_STREAMS, templates go to stream 0, records
	 * to the others, and each counts for itself (RFC 7011 10.2.3). */
	void (*restart)(struct encoder *encoder, unsigned n_streams);
};

extern const struct encoder_ops encode_ipfix;
extern const struct encoder_ops encode_netflow9;
extern const struct encoder_ops encode_json;
extern const struct encoder_ops encode_ntopng;

/* The registry: the encoder of that name, or NULL with the known names in
 * *ERROR. */
const struct encoder_ops *encoder_find(const char *name, GError **error);

#endif
