/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_ipfix_templates.h - the messages that announce templates.
 *
 * libfixbuf writes them, once, when an encoder is made, and is gone again: its
 * traps end here.  The message header is left to whoever sends them.
 */
#ifndef ENCODE_IPFIX_TEMPLATES_H
#define ENCODE_IPFIX_TEMPLATES_H

#include <glib.h>

#include "template.h"

struct ipfix_template {
	const struct template *template; /* of options if it has a scope */
	uint16_t id;
};

/* An array of GByteArray, the caller's to unref, each at most MTU octets long,
 * where each of the N templates alone fits; NULL if libfixbuf cannot write one
 * of them. */
GPtrArray *ipfix_templates(const struct ipfix_template *templates, size_t n,
			   uint16_t mtu, GError **error);

#endif
