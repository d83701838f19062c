/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_netflow9_set.h - a template set as NetFlow v9 carries it.
 *
 * Types of fields are 16 bits, those above 127 only by choice; icmpTypeCodeIPv6
 * is 32, and milliseconds are uptimes.  Of an options table (RFC 3954 6.1) all
 * fields have types or it is not carried.
 */
#ifndef ENCODE_NETFLOW9_SET_H
#define ENCODE_NETFLOW9_SET_H

#include <glib.h>

#include "plan.h"
#include "template.h"

#define V9_HEADER_LEN 20
#define V9_SET_LEN    4 /* of a FlowSet's header */
#define V9_ALIGN      4

struct netflow9_set {
	const struct template_set *set;
	struct template own[TEMPLATE_N]; /* what is carried of each */
	struct plan *plan[TEMPLATE_N];	 /* NULL: nothing */
	uint16_t id[TEMPLATE_N];
};

/* OWN is zeroed.  SET is lent for its life.  On failure OWN is still to be
 * cleared. */
bool netflow9_set_init(struct netflow9_set *own, const struct template_set *set,
		       size_t mtu, GError **error);
void netflow9_set_clear(struct netflow9_set *own);

/* The type that FIELD has in SET's records; 0: none. */
uint16_t netflow9_type(const struct template_set *set,
		       const struct field *field);

/* Template I's record, and how long it is. */
size_t netflow9_template_len(const struct netflow9_set *own, int i);
void netflow9_put_template(const struct netflow9_set *own, int i, uint8_t *at);

#endif
