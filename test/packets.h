/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packets.h - the packets of test/data/packets.ini and what they should yield.
 */
#ifndef PACKETS_H
#define PACKETS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/parse.h"

struct packet_case {
	char *name;
	uint8_t *data;
	uint32_t n; /* octets of data; packet.len may be more */
	struct packet packet;

	/* expected; times and Observation Point are 0 */
	enum parse_result result;
	struct flow_key key;
	struct flow_value value;
};

/* All packets, in the order of the file: of struct packet_case, which the array
 * frees.  A file that is wrong in any way fails the test. */
GPtrArray *packets_load(void);

/* The packet of that NAME, which must be there. */
const struct packet_case *packets_find(const GPtrArray *packets,
				       const char *name);

/* All packet.len octets of it, to be freed: what is not in the file is zero. */
uint8_t *packets_whole(const struct packet_case *c);

/* Parses N octets, in memory that is not an octet larger. */
enum parse_result packets_parse(const uint8_t *data, uint32_t n,
				const struct packet *packet,
				struct flow_key *key, struct flow_value *value);

/* Fails unless KEY and VALUE are those that are expected; it leaves out the
 * Observation Point and times. */
void packets_check(const struct packet_case *expected,
		   const struct flow_key *key, const struct flow_value *value);

#endif
