/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_ipfix_templates.h - the messages that announce a set's templates.
 *
 * libfixbuf writes them, once, when an encoder is made, and is gone again: its
 * traps end here.  The message header is left to whoever sends them.
 */
#ifndef ENCODE_IPFIX_TEMPLATES_H
#define ENCODE_IPFIX_TEMPLATES_H

#include <glib.h>

#include "template.h"

#define IPFIX_TEMPLATE_ID 256 /* plus enum template_family */

/* An array of GByteArray, the caller's to unref, each at most MTU octets long;
 * NULL if libfixbuf cannot write a template. */
GPtrArray *ipfix_templates(const struct template_set *set, uint16_t mtu,
			   GError **error);

#endif
