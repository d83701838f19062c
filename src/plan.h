/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - a template compiled into the few steps that write its records.
 *
 * The same plan writes the data records of IPFIX and of NetFlow v9.  A record's
 * length is fixed, so "does it fit" is one comparison of plan->len.
 */
#ifndef PLAN_H
#define PLAN_H

#include "template.h"

#define PLAN_SLACK 8 /* octets that plan_write() may touch behind a record */

struct plan_op {
	uint16_t offset;
	uint8_t from;  /* enum field_from */
	uint8_t kind;  /* enum field_kind; BYTES: at most eight as they stand */
	uint8_t width; /* octets on the wire */
	union {
		struct {
			uint8_t shift; /* bits of a load that are neighbours' */
			uint8_t left;  /* what makes a load the integer's */
			uint8_t right; /* octets, the first on the wire first */
		};
		uint16_t size; /* of a string's member */
	};
};

struct plan {
	uint64_t epoch_ms; /* uptimes are told since then */
	size_t len;	   /* octets of a record on the wire */
	size_t n_ops;
	struct plan_op ops[];
};

/* The caller may set its epoch_ms, at any time.
 * Never fails: what cannot be sent was refused when the template was read. */
struct plan *plan_new(const struct template *template);
void plan_free(struct plan *plan);

/* Writes what stands in BASE, of a record as field_bases() has it, at OUT,
 * which has plan->len + PLAN_SLACK octets of room. */
void plan_write(const struct plan *plan,
		const uint8_t *const base[FIELD_N_FROM], uint8_t *out);

#endif
