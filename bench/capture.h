/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * capture.h - packets that never were, into a pcap file.
 *
 * Ethernet frames, padded as on the wire where they are short.  Checksums are
 * 0, as in a capture at a host that leaves them to its card, and payload is
 * zeros.  Shares no line with the programs that read it.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	CAPTURE_MSS = 1448, /* most octets of layer 4 in a packet */
	CAPTURE_SNAP_MAX = 65535,
};

/* In host byte order but for the addresses. */
struct packet {
	uint8_t src[16], dst[16]; /* of IPv4: the first four octets */
	uint8_t family;		  /* AF_INET, AF_INET6 */
	uint8_t protocol, tos;
	uint8_t flags;	    /* of TCP */
	uint16_t vlan;	    /* VID; 0: no tag */
	uint16_t port[2];   /* source and destination; of ICMP [1] is type and
			     * code */
	uint16_t id;	    /* of the datagram, for its fragments */
	uint32_t number;    /* what a sequence number is made of */
	uint32_t len;	    /* octets of layer 4, and its header's where ... */
	uint32_t whole_len; /* and of the datagram */
	uint32_t offset;    /* ... this is 0; else a later fragment */
	bool fragment, more;
};

struct capture;

/* FILE "-" is standard output; exits with a message if it cannot be. */
struct capture *capture_create(const char *file, uint32_t snap_len,
			       bool nanoseconds);

/* Exits with a message if anything was not written. */
void capture_close(struct capture *capture);

/* NS since the epoch; what it is in the file, truncated. */
int64_t capture_time(const struct capture *capture, int64_t ns);

/* Its octets of layer 3. */
uint32_t capture_put(struct capture *capture, const struct packet *packet,
		     int64_t ns);

#endif
