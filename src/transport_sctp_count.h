/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_sctp_count.h - what became of what an SCTP association sent, for
 * transport_sctp.c.
 *
 * The kernel tells by number, not message by message: SCTP_SEND_FAILED is only
 * for what was given up before it was sent, and SCTP_SENDER_DRY_EVENT may be
 * read when more has been sent since.
 */
#ifndef TRANSPORT_SCTP_COUNT_H
#define TRANSPORT_SCTP_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/* Chunks since the association began; a message is one, unless it is longer
 * than FRAGMENT. */
struct sctp_count {
	uint64_t arrived;
	uint64_t given_up; /* after it was sent; some may have arrived */
	uint32_t on_way;
	uint32_t fragment; /* octets */
};

/* Three system calls; false if FD has no association. */
bool sctp_count(int fd, struct sctp_count *count);

#endif
