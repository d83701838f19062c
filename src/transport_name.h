/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_name.h - where a collector is: its addresses, looked up again when
 * there is trouble.
 *
 * Look-ups are made beside the loop, and not more often than each five seconds;
 * the log is told when a name does not resolve, and once only.
 */
#ifndef TRANSPORT_NAME_H
#define TRANSPORT_NAME_H

#include "transport.h"
#include "transport_inet.h"

struct name;

/* Of the collector in ARGS, lent; calls FOUND from the loop when a look-up is
 * over, with NULL if it failed.  An address needs none but for its scope, and
 * who is patient waits for it here: fails only then. */
struct name *name_new(const struct transport_args *args,
		      void (*found)(void *to, const GArray *addresses),
		      void *to, GError **error);
void name_free(struct name *name);

/* Those of the last look-up that did not fail; NULL: there was none. */
const GArray *name_addresses(const struct name *name);

/* Whether one is under way then. */
bool name_look_up(struct name *name);

#endif
