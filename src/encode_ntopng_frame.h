/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * encode_ntopng_frame.h - the header frame that goes before what ntopng reads.
 *
 *	form 3, 36 octets: topic[16]; u8 version = 4; u8 flags; u8 pad[2];
 *	        u32 size, as it was; u32 size, compressed; u32 number; u32
 *source form 2, 28 octets: topic[16]; u8 version; u8 pad; u16 size; u32 number;
 *	        u32 source
 *	form 1, 24 octets: topic[16]; u8 version; u8 source; u16 size;
 *	        u32 number
 *
 * The number is in network order, all else in that of ntopng's host, which is
 * little-endian.  Versions of forms 2 and 1 are 3 for flows and 2 for text.
 * Of a body that is compressed, ntopng takes the second size for the room that
 * it needs when it is not: it is told the larger of the two.
 */
#ifndef ENCODE_NTOPNG_FRAME_H
#define ENCODE_NTOPNG_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_MAX_HEAD = 36 };

struct frame_head {
	unsigned form;
	uint32_t source; /* of which form 1 tells the lowest octet */
	uint32_t number; /* the last message's: the first is 1, for 0 is none */
	bool compress;	 /* flows, where the form can tell */
};

size_t frame_head_len(const struct frame_head *head);

/* Writes the header and, behind it, LEN octets of BODY at OUT, which has room
 * for FRAME_MAX_HEAD and LEN; octets that these are. */
size_t frame_write(struct frame_head *head, const char *topic, bool flows,
		   const void *body, size_t len, uint8_t *out);

#endif
