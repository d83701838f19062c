/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tlv.h"

#include <string.h>

enum type {
	TYPE_END = 1,
	TYPE_UINT8,
	TYPE_UINT16,
	TYPE_UINT32,
	TYPE_UINT64,
	TYPE_STRING = 11,
};

static enum type
type_of(uint64_t value)
{
	if (value <= UINT8_MAX)
		return TYPE_UINT8;
	if (value <= UINT16_MAX)
		return TYPE_UINT16;
	return value <= UINT32_MAX ? TYPE_UINT32 : TYPE_UINT64;
}

static uint8_t *
put(uint8_t *at, enum type type, uint64_t value)
{
	for (int shift = (8 << (type - TYPE_UINT8)) - 8; shift >= 0; shift -= 8)
		*at++ = value >> shift;
	return at;
}

static uint8_t *
put_key(uint8_t *at, uint16_t key, enum type type)
{
	*at++ = type_of(key) << 4 | type;
	return put(at, type_of(key), key);
}

uint8_t *
tlv_begin(uint8_t *at)
{
	*at++ = 1; /* version */
	*at++ = 1; /* TLV */
	return at;
}

uint8_t *
tlv_uint(uint8_t *at, uint16_t key, uint64_t value)
{
	enum type type = type_of(value);

	return put(put_key(at, key, type), type, value);
}

uint8_t *
tlv_string(uint8_t *at, uint16_t key, const char *text)
{
	size_t len = strlen(text);

	at = put(put_key(at, key, TYPE_STRING), TYPE_UINT16, len);
	memcpy(at, text, len);
	return at + len;
}

uint8_t *
tlv_end(uint8_t *at)
{
	*at++ = TYPE_END;
	return at;
}
