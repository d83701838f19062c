/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message.h - one export message between encoder and transport.
 *
 * The encoder owns the octets and lends them until it is next called; a
 * transport that cannot send at once copies them.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct message {
	uint8_t *data;
	size_t len;
	uint32_t n_records; /* Data Records in it: flows and options data */
};

#endif
