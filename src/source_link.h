/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * source_link.h - what stands before the network layer in a captured packet.
 *
 * One row for each link type.  The capture's own header is taken off here;
 * parse.h gets an Ethernet header, or an EtherType and what follows it.
 */
#ifndef SOURCE_LINK_H
#define SOURCE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../bpf/flow.h"

/* What a link header says. */
struct link_packet {
	size_t header_len; /* octets to take off; may exceed what was caught */
	uint16_t protocol; /* EtherType; 0: an Ethernet header follows */
};

struct link_type {
	int dlt; /* DLT_* of libpcap */
	/* False: the header is cut.  May fill the Observation Point of KEY and
	 * the addresses of ORIGIN, where the link tells them. */
	bool (*read)(const uint8_t *data, size_t len,
		     struct link_packet *packet, struct flow_key *key,
		     struct flow_origin *origin);
};

/* The row of a DLT_*, or NULL. */
const struct link_type *link_find(int dlt);

#endif
