/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a netlink socket may bring: messages one after the other.
 */
#include <libmnl/libmnl.h>

#include "fuzz.h"
#include "ifwatch_message.h"

static void
check_link(const struct nlmsghdr *header)
{
	struct iface iface = { 0 };

	if (!ifwatch_link(header, &iface))
		return;
	g_assert(iface.index > 0);
	g_assert(iface.kind <= IFACE_VETH);
	g_assert(*iface.name && memchr(iface.name, '\0', sizeof(iface.name)));
	g_assert(memchr(iface.alias, '\0', sizeof(iface.alias)));
}

static void
check_address(const struct nlmsghdr *header)
{
	struct ifwatch_address address = { 0 };

	if (ifwatch_address(header, &address))
		g_assert(address.family == AF_INET ||
			 address.family == AF_INET6);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exact but for alignment, which is libmnl's unit: what is read behind
	 * the end is seen. */
	g_autofree uint8_t *copy = g_malloc0(MNL_ALIGN(size));
	const struct nlmsghdr *header = (const void *)copy;
	int left = size;

	if (size == 0)
		return 0;
	memcpy(copy, data, size);
	/* To libmnl, lengths above INT_MAX are good; the kernel has none. */
	while (mnl_nlmsg_ok(header, left) && header->nlmsg_len <= size) {
		check_link(header);
		check_address(header);
		/* The last need not be filled up to the alignment. */
		if ((int)MNL_ALIGN(header->nlmsg_len) >= left)
			break;
		header = mnl_nlmsg_next(header, &left);
	}
	return 0;
}
