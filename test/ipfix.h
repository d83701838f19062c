/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipfix.h - what the tests of our IPFIX have in common: libfixbuf decodes it.
 */
#ifndef IPFIX_H
#define IPFIX_H

#include <fixbuf/public.h>
#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "template.h"

/* A record as libfixbuf decoded it; what was not in it is zero. */
struct decoded {
	uint32_t src4, dst4;
	uint8_t src6[16], dst6[16];
	uint16_t src_port, dst_port;
	uint8_t protocol, version, tos, ttl;
	uint32_t flow_label;
	uint16_t tcp_flags, icmp4, icmp6;
	uint8_t src_mac[6], dst_mac[6];
	uint16_t vlan;
	uint32_t in, out;
	uint64_t octets, packets, start_ms, end_ms;
	uint8_t direction, end_reason;
} __attribute__((packed));

struct decoder {
	fbInfoModel_t *model;
	fBuf_t *fbuf;
};

/* Its families, without options; to be freed with template_set_free(). */
struct template_set *ipfix_standard_set(void);

/* Octets in network order. */
uint32_t ipfix_get32(const uint8_t *at);

/* Version and length are right, the rest as expected. */
void ipfix_check_header(const struct message *message, uint32_t export_s,
			uint32_t sequence, uint32_t domain);

struct decoder decoder_new(void);
void decoder_free(struct decoder *decoder);

/* MESSAGE is lent until the next one. */
void decoder_set(struct decoder *decoder, const struct message *message);

/* The next record of the message; false at its very end. */
bool decoder_next(struct decoder *decoder, struct decoded *decoded);

#endif
