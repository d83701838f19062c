/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flowkey.h - what the tests of the flow table have in common.
 */
#ifndef FLOWKEY_H
#define FLOWKEY_H

#include <stdint.h>

#include "../bpf/flow.h"

/* As bpf/table.h has it, which only flowtable.c may include. */
enum { MERGED, CREATED, FULL };

/* The key of flow number N. */
static inline struct flow_key
flowkey_of(uint32_t n)
{
	struct flow_key key = {
		.src_addr = { [10] = 0xff, [11] = 0xff, [12] = 10 },
		.dst_addr = { [10] = 0xff, [11] = 0xff, [12] = 192 },
		.src_port = 1024 + n % 60000,
		.dst_port = 443,
		.protocol = 6,
		.if_index = 2,
		.direction = n & 1,
		.family = FLOW_IPV4,
	};

	key.src_addr[13] = n >> 16;
	key.src_addr[14] = n >> 8;
	key.src_addr[15] = n;
	return key;
}

#endif
