/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_common.h - what the protocols have in common.
 */
#ifndef ENCODE_COMMON_H
#define ENCODE_COMMON_H

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "template.h"

/* In network order, at any address. */
static inline void
put16(uint8_t *at, uint16_t value)
{
	value = GUINT16_TO_BE(value);
	memcpy(at, &value, sizeof(value));
}

static inline void
put32(uint8_t *at, uint32_t value)
{
	value = GUINT32_TO_BE(value);
	memcpy(at, &value, sizeof(value));
}

/* Whether LEN octets, a message with one WHAT ("record", "template") of SET's
 * FAMILY, are within MTU. */
bool common_fits(const struct template_set *set, enum template_family family,
		 const char *what, size_t len, size_t mtu, GError **error);

/* "IPv4" or "IPv6" */
const char *common_family_name(enum template_family family);

#endif
