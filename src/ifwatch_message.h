/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ifwatch_message.h - what one message of rtnetlink tells of an interface.
 *
 * For ifwatch's own files only.  Nothing is asked of the kernel here: octets
 * in, a row out, whatever the octets are.
 */
#ifndef IFWATCH_MESSAGE_H
#define IFWATCH_MESSAGE_H

#include <linux/netlink.h>
#include <stdbool.h>

#include "iftable.h"

/* Fills IFACE, which begins zeroed, but for what is no link's: its addresses
 * and times.  False: the message is not about a link as such (a bridge's port,
 * an event of wireless), or cut. */
bool ifwatch_link(const struct nlmsghdr *header, struct iface *iface);

struct ifwatch_address {
	uint32_t if_index;
	uint8_t family; /* AF_INET or AF_INET6 */
	bool usable;	/* by others, to reach us */
	uint8_t octets[16];
};

/* The same for an address. */
bool ifwatch_address(const struct nlmsghdr *header,
		     struct ifwatch_address *address);

#endif
