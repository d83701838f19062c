/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_netflow9_templates.h - what NetFlow v9 has of a template.
 */
#ifndef ENCODE_NETFLOW9_TEMPLATES_H
#define ENCODE_NETFLOW9_TEMPLATES_H

#include "template.h"

/* The elements of TEMPLATE that have a type, each type once; milliseconds are
 * uptimes there.  The fields are the caller's, to be freed. */
struct template netflow9_template(const struct template *template);

#endif
