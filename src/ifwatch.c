/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ifwatch.h"

#include <errno.h>
#include <gio/gio.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

/* One RTM_NEWLINK message: a row of the table. */
static int
on_link(const struct nlmsghdr *header, void *to)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(header);
	const struct nlattr *attr;
	struct iface *iface;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*link))
		return MNL_CB_OK;
	iface = iftable_add(to, link->ifi_index);
	iface->type = link->ifi_type;
	iface->up = link->ifi_flags & IFF_UP;
	mnl_attr_for_each(
		attr, header,
		sizeof(*link)) if (mnl_attr_get_type(attr) == IFLA_IFNAME &&
				   mnl_attr_validate(attr,
						     MNL_TYPE_NUL_STRING) == 0)
		g_strlcpy(iface->name, mnl_attr_get_str(attr),
			  sizeof(iface->name));
	return MNL_CB_OK;
}

static int
ask(struct mnl_socket *netlink, void *buffer, uint32_t sequence)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link;

	header->nlmsg_type = RTM_GETLINK;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = sequence;
	link = mnl_nlmsg_put_extra_header(header, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	return mnl_socket_sendto(netlink, header, header->nlmsg_len);
}

/* 0 or a negative errno. */
static int
dump(struct mnl_socket *netlink, struct iftable *table)
{
	const uint32_t sequence = 1;
	const size_t size = 32768; /* what the kernel fills in a dump */
	g_autofree char *buffer = g_malloc(size);
	int got;

	if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    ask(netlink, buffer, sequence) < 0)
		return -errno;
	do {
		got = mnl_socket_recvfrom(netlink, buffer, size);
		if (got >= 0)
			got = mnl_cb_run(buffer, got, sequence,
					 mnl_socket_get_portid(netlink),
					 on_link, table);
	} while (got > MNL_CB_STOP || (got < 0 && errno == EINTR));
	return got < 0 ? -errno : 0;
}

bool
ifwatch_dump(struct iftable *table, GError **error)
{
	struct mnl_socket *netlink = mnl_socket_open(NETLINK_ROUTE);
	int result = netlink ? dump(netlink, table) : -errno;

	if (netlink)
		mnl_socket_close(netlink);
	if (result < 0)
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(-result),
			    "cannot ask the kernel for its interfaces: %s",
			    g_strerror(-result));
	return result == 0;
}
