/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dedupe_owner.h - who owns a flow, and what its records are therefore.
 *
 * For dedupe's own files only; dedupe.h tells the rules.
 */
#ifndef DEDUPE_OWNER_H
#define DEDUPE_OWNER_H

#include <stdbool.h>

#include "dedupe_table.h"
#include "iftable.h"
#include "record.h"

enum { OWNER_MAX_SCANS = 4 };

struct dedupe_rules {
	const struct iftable *iftable;
	uint64_t expire_ns;
	uint64_t active_ns;
	uint64_t now_ns; /* boot time; UINT64_MAX: nobody tells any more */
};

enum verdict {
	VERDICT_PASS,
	VERDICT_DUPLICATE,
	VERDICT_WAIT, /* ask again when the next scan is over */
};

/* The observation point: the same for all ports of a bond or team. */
uint32_t owner_point(const struct iftable *iftable,
		     const struct record *record);

/* RECORD, seen at POINT, is one of FLOW's. */
void owner_learn(const struct dedupe_rules *rules, struct dedupe_flow *flow,
		 const struct record *record, uint32_t point);

/* FLOW has learned of all records of N_SCANS scans since RECORD came, with its
 * own.  Not WAIT if these are OWNER_MAX_SCANS. */
enum verdict owner_judge(const struct dedupe_rules *rules,
			 struct dedupe_flow *flow, const struct record *record,
			 uint32_t point, unsigned n_scans);

/* Between which interfaces FLOW is routed or bridged; 0: unknown. */
uint32_t owner_in(const struct dedupe_flow *flow, const struct record *record,
		  uint32_t point);
uint32_t owner_out(const struct dedupe_flow *flow, const struct record *record,
		   uint32_t point);

#endif
