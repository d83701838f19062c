/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tlv.h - writes what nDPI's deserializer reads, which is how ntopng wants its
 * flows.
 *
 *	01 01               version and format, once
 *	KV key value ...    K and V: the types of key and value, in four bits
 *	                    each; all numbers in network order
 *	01                  a record's end
 *
 * Numbers take as few octets as they need (1, 2, 4 or 8); a string has its
 * length in two, and no NUL.  Each function writes at AT and returns what
 * follows it; the caller has seen to the room.
 */
#ifndef TLV_H
#define TLV_H

#include <stddef.h>
#include <stdint.h>

enum {
	TLV_BEGIN_LEN = 2,
	TLV_END_LEN = 1,
	TLV_MAX_UINT = 11,  /* octets: type, key, value */
	TLV_MAX_STRING = 5, /* besides those of the string */
};

uint8_t *tlv_begin(uint8_t *at);
uint8_t *tlv_uint(uint8_t *at, uint16_t key, uint64_t value);
uint8_t *tlv_string(uint8_t *at, uint16_t key, const char *text);
uint8_t *tlv_end(uint8_t *at);

#endif
