/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <err.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "capture.h"

#define SECOND_NS INT64_C(1000000000)

enum {
	RECORD_LEN = 16,
	HEADERS_LEN = 14 + 4 + 40 + 8 + 20,
	FRAME_MIN = 60,
	LINKTYPE_ETHERNET = 1,
};

struct capture {
	FILE *out;
	uint32_t snap_len;
	uint32_t resolution_ns;
	char *name;
	/* Behind the headers nothing is ever written. */
	uint8_t record[RECORD_LEN + HEADERS_LEN + CAPTURE_MSS];
};

static uint8_t *
put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
	return at + 2;
}

static uint8_t *
put32(uint8_t *at, uint32_t value)
{
	return put16(put16(at, value >> 16), value);
}

static uint8_t *
put_ethernet(uint8_t *at, const struct packet *packet)
{
	at = put32(put16(at, 0x0200), 1);
	at = put32(put16(at, 0x0200), 2);
	if (packet->vlan)
		at = put16(put16(at, 0x8100), packet->vlan);
	return put16(at, packet->family == AF_INET ? 0x0800 : 0x86dd);
}

static uint8_t *
put_ipv4(uint8_t *at, const struct packet *packet)
{
	at[0] = 0x45;
	at[1] = packet->tos;
	put16(at + 2, 20 + packet->len);
	put16(at + 4, packet->id);
	put16(at + 6, packet->more << 13 | packet->offset / 8);
	at[8] = 64;
	at[9] = packet->protocol;
	memcpy(at + 12, packet->src, 4);
	memcpy(at + 16, packet->dst, 4);
	return at + 20;
}

static uint8_t *
put_ipv6(uint8_t *at, const struct packet *packet)
{
	put32(at, UINT32_C(6) << 28 | packet->tos << 20);
	put16(at + 4, packet->len + 8 * packet->fragment);
	at[6] = packet->fragment ? IPPROTO_FRAGMENT : packet->protocol;
	at[7] = 64;
	memcpy(at + 8, packet->src, 16);
	memcpy(at + 24, packet->dst, 16);
	at += 40;
	if (!packet->fragment)
		return at;
	at[0] = packet->protocol;
	put16(at + 2, packet->offset | packet->more);
	put32(at + 4, packet->id);
	return at + 8;
}

static void
put_upper(uint8_t *at, const struct packet *packet)
{
	switch (packet->protocol) {
	case IPPROTO_TCP:
		put16(put16(at, packet->port[0]), packet->port[1]);
		put32(put32(at + 4, packet->number), packet->number);
		put16(at + 12, 5 << 12 | packet->flags);
		put16(at + 14, 65535);
		break;
	case IPPROTO_UDP:
		put16(put16(at, packet->port[0]), packet->port[1]);
		put16(at + 4, packet->whole_len);
		break;
	default:
		put16(at, packet->port[1]);
		put16(at + 6, packet->number);
	}
}

uint32_t
capture_put(struct capture *capture, const struct packet *packet, int64_t ns)
{
	uint8_t *frame = capture->record + RECORD_LEN, *ip, *upper;
	uint32_t header[4], octets;

	memset(frame, 0, HEADERS_LEN);
	ip = put_ethernet(frame, packet);
	upper = packet->family == AF_INET ? put_ipv4(ip, packet)
					  : put_ipv6(ip, packet);
	if (packet->offset == 0)
		put_upper(upper, packet);
	octets = upper - ip + packet->len;
	header[0] = ns / SECOND_NS;
	header[1] = ns % SECOND_NS / capture->resolution_ns;
	header[3] = MAX(ip - frame + octets, FRAME_MIN);
	header[2] = MIN(header[3], capture->snap_len);
	memcpy(capture->record, header, RECORD_LEN);
	fwrite(capture->record, 1, RECORD_LEN + header[2], capture->out);
	return octets;
}

int64_t
capture_time(const struct capture *capture, int64_t ns)
{
	return ns - ns % capture->resolution_ns;
}

struct capture *
capture_create(const char *file, uint32_t snap_len, bool nanoseconds)
{
	const uint32_t header[] = { nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4,
				    GUINT32_FROM_LE(4 << 16 | 2),
				    0,
				    0,
				    snap_len,
				    LINKTYPE_ETHERNET };
	struct capture *capture = g_new0(struct capture, 1);

	capture->name = g_strdup(file);
	capture->out = strcmp(file, "-") ? fopen(file, "w") : stdout;
	if (!capture->out)
		err(1, "%s", file);
	capture->snap_len = snap_len;
	capture->resolution_ns = nanoseconds ? 1 : 1000;
	setvbuf(capture->out, NULL, _IOFBF, 1 << 20);
	fwrite(header, 1, sizeof(header), capture->out);
	return capture;
}

void
capture_close(struct capture *capture)
{
	if (ferror(capture->out) || fclose(capture->out))
		err(1, "%s", capture->name);
	g_free(capture->name);
	g_free(capture);
}
