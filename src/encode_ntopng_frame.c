/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encode_ntopng_frame.h"

#include <glib.h>
#include <string.h>
#include <zlib.h>

#include "encode_common.h"

enum { TOPIC_LEN = 16, VERSION_TEXT = 2, VERSION_TLV = 3, VERSION_FLAGS = 4 };
enum { FLAG_TLV = 2, FLAG_COMPRESSED = 4 };

static const size_t head_lens[] = { [1] = 24, [2] = 28, [3] = FRAME_MAX_HEAD };

static void
put_le16(uint8_t *at, uint16_t value)
{
	value = GUINT16_TO_LE(value);
	memcpy(at, &value, sizeof(value));
}

static void
put_le32(uint8_t *at, uint32_t value)
{
	value = GUINT32_TO_LE(value);
	memcpy(at, &value, sizeof(value));
}

size_t
frame_head_len(const struct frame_head *head)
{
	return head_lens[head->form];
}

/* The length of BODY at OUT, compressed; 0: that is no gain, and not done. */
static size_t
compress_to(uint8_t *out, const void *body, size_t len)
{
	uLongf out_len = len - 1;

	return compress2(out, &out_len, body, len, Z_BEST_SPEED) == Z_OK
		       ? out_len
		       : 0;
}

static void
put_flagged(const struct frame_head *head, bool flows, size_t len,
	    size_t compressed, uint8_t *out)
{
	out[16] = VERSION_FLAGS;
	out[17] = (flows ? FLAG_TLV : 0) | (compressed ? FLAG_COMPRESSED : 0);
	put_le32(out + 20, len);
	put_le32(out + 24, len);
	put32(out + 28, head->number);
	put_le32(out + 32, head->source);
}

static void
put_plain(const struct frame_head *head, bool flows, size_t len, uint8_t *out)
{
	out[16] = flows ? VERSION_TLV : VERSION_TEXT;
	put_le16(out + 18, len);
	put32(out + 20, head->number);
	if (head->form == 2)
		put_le32(out + 24, head->source);
	else
		out[17] = head->source;
}

size_t
frame_write(struct frame_head *head, const char *topic, bool flows,
	    const void *body, size_t len, uint8_t *out)
{
	size_t head_len = frame_head_len(head), compressed = 0;

	memset(out, 0, head_len);
	memcpy(out, topic, MIN(strlen(topic), TOPIC_LEN - 1));
	head->number += head->number == UINT32_MAX ? 2 : 1;
	if (head->form == 3) {
		if (flows && head->compress)
			compressed = compress_to(out + head_len, body, len);
		put_flagged(head, flows, len, compressed, out);
	} else {
		put_plain(head, flows, len, out);
	}
	if (!compressed)
		memcpy(out + head_len, body, len);
	return head_len + (compressed ? compressed : len);
}
