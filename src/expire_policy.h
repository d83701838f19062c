/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expire_policy.h - when a flow is due, and why.
 *
 * For expire's own files only.  A look at a flow costs its hot line and what
 * was reported of it; of a TCP flow that saw FIN, once in a linger, two buckets
 * more, to see whether the other direction goes on.
 */
#ifndef EXPIRE_POLICY_H
#define EXPIRE_POLICY_H

#include "expire.h"
#include "expire_pressure.h"
#include "expire_record.h"

struct policy {
	const struct table *table; /* lent */
	struct reported *reported; /* lent */
	struct expire_timeouts timeouts;
	struct pressure pressure;
	bool pressed; /* this scan is */
};

/* What is not there now is due no sooner than in so many milliseconds. */
uint32_t policy_soonest_ms(const struct policy *policy);

/* Milliseconds until the flow is to be looked at again; 0: something is due,
 * and *REASON is why.  END_ACTIVE: a report; else its end. */
uint32_t policy_left_ms(struct policy *policy, uint32_t slot,
			const struct instant *now, enum end_reason *reason);

void policy_count_end(struct stats *stats, enum end_reason reason);

#endif
