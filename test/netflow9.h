/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netflow9.h - what the tests of our NetFlow v9 have in common.
 */
#ifndef NETFLOW9_H
#define NETFLOW9_H

#include "ipfix.h"

static inline uint16_t
netflow9_get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

/* Wall clock where sysUptime was TIME, as a collector of MESSAGE finds it. */
static inline uint64_t
netflow9_wall_ms(const struct message *message, uint32_t time)
{
	uint64_t wall_ms = ipfix_get32(message->data + 8) * 1000ULL;

	return wall_ms - ipfix_get32(message->data + 4) + time;
}

#endif
