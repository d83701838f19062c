/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tally.h - what came in messages of IPFIX and NetFlow v9, counted only.
 *
 * Records of options count for sequence numbers only; lists are skipped.
 */
#ifndef TALLY_H
#define TALLY_H

#include <glib.h>
#include <stdint.h>

enum tally_role { TALLY_OTHER, TALLY_PACKETS, TALLY_OCTETS, TALLY_N_ROLES };

struct tally {
	uint64_t records;
	uint64_t sum[TALLY_N_ROLES];
	uint64_t sequence_errors; /* numbers that the one before did not
				     foretell */
	uint64_t unread;	  /* data sets or whole messages */
	GHashTable *domains;
};

void tally_begin(struct tally *tally);
void tally_end(struct tally *tally);

void tally_message(struct tally *tally, const uint8_t *data, size_t len);

#endif
