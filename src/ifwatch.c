/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ifwatch.h"

#include <errno.h>
#include <gio/gio.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "clock.h"
#include "ifwatch_message.h"

/* What is told of a link is told anew each time; what is not, stays. */
static void
on_new_link(struct iftable *table, const struct nlmsghdr *header)
{
	struct iface told = { 0 }, *iface;

	if (!ifwatch_link(header, &told))
		return;
	iface = iftable_add(table, told.index, clock_wall_ns());
	told.born_ns = iface->born_ns;
	memcpy(told.ipv4, iface->ipv4, sizeof(told.ipv4));
	memcpy(told.ipv6, iface->ipv6, sizeof(told.ipv6));
	*iface = told;
}

/* The first of a family is the one. */
static void
on_new_address(struct iftable *table, const struct nlmsghdr *header)
{
	static const uint8_t none[16];
	struct ifwatch_address told = { 0 };
	struct iface *iface;
	uint8_t *address;
	size_t len;

	if (!ifwatch_address(header, &told) || !told.usable)
		return;
	iface = iftable_find(table, told.if_index);
	if (!iface || iface->gone)
		return;
	address = told.family == AF_INET ? iface->ipv4 : iface->ipv6;
	len = told.family == AF_INET ? sizeof(iface->ipv4)
				     : sizeof(iface->ipv6);
	if (memcmp(address, none, len) == 0)
		memcpy(address, told.octets, len);
}

static int
on_message(const struct nlmsghdr *header, void *to)
{
	if (header->nlmsg_type == RTM_NEWLINK)
		on_new_link(to, header);
	else if (header->nlmsg_type == RTM_NEWADDR)
		on_new_address(to, header);
	return MNL_CB_OK;
}

static int
ask(struct mnl_socket *netlink, void *buffer, uint16_t type, uint32_t sequence)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct rtgenmsg *message;

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = sequence;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->rtgen_family = AF_UNSPEC;
	return mnl_socket_sendto(netlink, header, header->nlmsg_len);
}

/* All there is of TYPE: 0 or a negative errno. */
static int
dump(struct mnl_socket *netlink, uint16_t type, struct iftable *table)
{
	const size_t size = 32768; /* what the kernel fills in a dump */
	g_autofree char *buffer = g_malloc(size);
	int got;

	if (ask(netlink, buffer, type, type) < 0)
		return -errno;
	do {
		got = mnl_socket_recvfrom(netlink, buffer, size);
		if (got >= 0)
			got = mnl_cb_run(buffer, got, type,
					 mnl_socket_get_portid(netlink),
					 on_message, table);
	} while (got > MNL_CB_STOP || (got < 0 && errno == EINTR));
	return got < 0 ? -errno : 0;
}

static int
dump_all(struct mnl_socket *netlink, struct iftable *table)
{
	int result;

	if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	result = dump(netlink, RTM_GETLINK, table);
	return result < 0 ? result : dump(netlink, RTM_GETADDR, table);
}

bool
ifwatch_dump(struct iftable *table, GError **error)
{
	struct mnl_socket *netlink = mnl_socket_open(NETLINK_ROUTE);
	int result = netlink ? dump_all(netlink, table) : -errno;

	if (netlink)
		mnl_socket_close(netlink);
	if (result < 0)
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(-result),
			    "cannot ask the kernel for its interfaces: %s",
			    g_strerror(-result));
	return result == 0;
}
