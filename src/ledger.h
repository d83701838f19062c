/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ledger.h - what an exporter tells of itself and of its templates, in options
 * data (RFC 7011 4): the rows of template_options.c read it.
 *
 * Taken afresh by exporter_options before each round.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdint.h>

struct ledger {
	uint32_t process; /* exportingProcessId */

	uint64_t messages; /* exported, since the exporter began */
	uint64_t octets;
	uint64_t records;

	uint64_t seen_packets; /* by the Metering Process */
	uint64_t seen_octets;

	uint64_t ignored_packets; /* by the Metering Process */
	uint64_t ignored_octets;
	uint64_t ignored_first_ns; /* when that was noticed, or 0 */
	uint64_t ignored_last_ns;

	uint64_t unsent_records;
	uint64_t unsent_packets;
	uint64_t unsent_octets;
	uint64_t unsent_first_ns;
	uint64_t unsent_last_ns;

	uint64_t keys; /* a template's fields that are keys: bit n, field n */
	uint16_t template_id;

	uint8_t slack[8]; /* the plan loads eight octets at a time */
};

#endif
