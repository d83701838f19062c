/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ifwatch_dump.h"

#include <errno.h>
#include <glib.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

enum { ROOM = 32768 }; /* what the kernel fills at most */

static int
ask(struct mnl_socket *netlink, void *buffer, uint16_t type)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct rtgenmsg *message;

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = type;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->rtgen_family = AF_UNSPEC;
	return mnl_socket_sendto(netlink, header, header->nlmsg_len);
}

static int
dump(struct mnl_socket *netlink, uint16_t type, mnl_cb_t each, void *to)
{
	g_autofree char *buffer = g_malloc(ROOM);
	int got;

	if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    ask(netlink, buffer, type) < 0)
		return -errno;
	do {
		got = mnl_socket_recvfrom(netlink, buffer, ROOM);
		if (got >= 0)
			got = mnl_cb_run(buffer, got, type,
					 mnl_socket_get_portid(netlink), each,
					 to);
	} while (got > MNL_CB_STOP);
	return got < 0 ? -errno : 0;
}

int
ifwatch_dump(uint16_t type, mnl_cb_t each, void *to)
{
	struct mnl_socket *netlink =
		mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int result;

	if (!netlink)
		return -errno;
	result = dump(netlink, type, each, to);
	mnl_socket_close(netlink);
	return result;
}
