/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * protocols.h - what holds of the messages of every protocol.
 */
#ifndef PROTOCOLS_H
#define PROTOCOLS_H

#include "../records.h"
#include "template.h"

/* Whoever can carry SET announces it and sends RECORDS, within the mtu. */
void protocols_check(const struct template_set *set,
		     const struct record *records, size_t n);

#endif
