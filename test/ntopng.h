/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntopng.h - what the tests of our messages to ntopng have in common: known
 * records go in, the octets of test/data/ntopng.ini come out.
 */
#ifndef NTOPNG_H
#define NTOPNG_H

#include "clock.h"
#include "encode.h"
#include "records.h"

#define NTOPNG_DOMAIN  0x01020304
#define NTOPNG_WALL_NS (1700000100ULL * CLOCK_SECOND_NS)

void ntopng_add(struct encoder *encoder, enum records_kind kind);

/* There is one. */
struct message ntopng_take(struct encoder *encoder);

/* What KEY of that message is, in hexadecimal. */
char *ntopng_expected(const char *name, const char *key);

/* It is that message, header and body. */
void ntopng_assert(const struct message *message, const char *name);

#endif
