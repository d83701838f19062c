/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_ipfix_set.h - a template set as IPFIX carries it.
 */
#ifndef ENCODE_IPFIX_SET_H
#define ENCODE_IPFIX_SET_H

#include <glib.h>
#include <stdbool.h>

#include "plan.h"
#include "template.h"

#define IPFIX_HEADER_LEN 16
#define IPFIX_SET_LEN	 4 /* of its header */

struct ipfix_set {
	const struct template_set *set;
	struct plan *plan[TEMPLATE_N]; /* NULL: not carried */
	uint16_t id[TEMPLATE_N];
	bool has_uptimes; /* the user sets the epoch of plans */
	bool apart;

	/* Messages of templates, but for their stamp: GByteArray. */
	GPtrArray *templates;
	GPtrArray *statistics; /* of those that stand apart */
};

/* OWN is zeroed.  SET is lent for its life.  APART: statistics have an
 * Observation Domain of their own.  On failure OWN is still to be cleared. */
bool ipfix_set_init(struct ipfix_set *own, const struct template_set *set,
		    bool apart, size_t mtu, GError **error);
void ipfix_set_clear(struct ipfix_set *own);

/* Whether a template stands apart. */
bool ipfix_set_apart(const struct ipfix_set *own, int template);

#endif
