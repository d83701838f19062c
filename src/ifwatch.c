/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ifwatch.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "clock.h"
#include "ifwatch_dump.h"
#include "ifwatch_message.h"
#include "log.h"

enum {
	ROOM = 16384,	/* more than the longest message */
	AT_ONCE = 256,	/* messages in a step */
	RETRY_MS = 100, /* when a dump was not whole */
};

struct ifwatch {
	struct iftable *table;
	struct mnl_socket *netlink; /* what changes */
	GHashTable *found;	    /* indexes, while all links are asked for */
	bool addresses_stale;	    /* one is gone that another may stand for */
	guint source, retry;
	ifwatch_told *told;
	void *to;
	char buffer[ROOM];
};

static void
tell(struct ifwatch *watch, enum ifwatch_event event, const struct iface *iface)
{
	if (watch->told)
		watch->told(watch->to, event, iface);
}

static void
remove_link(struct ifwatch *watch, struct iface *iface)
{
	iftable_remove(watch->table, iface);
	tell(watch, IFWATCH_GONE, iface);
}

/* Of what we missed: a link has one thing changed at a time. */
static bool
is_another(const struct iface *known, const struct iface *told)
{
	return known->type != told->type ||
	       (strcmp(known->name, told->name) != 0 &&
		memcmp(known->mac, told->mac, sizeof(told->mac)) != 0);
}

static void
on_new_link(struct ifwatch *watch, const struct nlmsghdr *header)
{
	struct iface told, *iface;

	memset(&told, 0, sizeof(told));
	if (!ifwatch_link(header, &told))
		return;
	iface = iftable_find(watch->table, told.index);
	if (iface && !iface->gone && watch->found && is_another(iface, &told))
		remove_link(watch, iface);
	if (watch->found)
		g_hash_table_add(watch->found, GUINT_TO_POINTER(told.index));
	iface = iftable_add(watch->table, told.index, clock_boot_ns());
	told.born_ns = iface->born_ns;
	memcpy(told.ipv4, iface->ipv4, sizeof(told.ipv4));
	memcpy(told.ipv6, iface->ipv6, sizeof(told.ipv6));
	if (memcmp(iface, &told, sizeof(told)) == 0)
		return;
	memcpy(iface, &told, sizeof(told));
	tell(watch, IFWATCH_SEEN, iface);
}

static void
on_del_link(struct ifwatch *watch, const struct nlmsghdr *header)
{
	struct iface told = { 0 }, *iface;

	if (!ifwatch_link(header, &told))
		return;
	iface = iftable_find(watch->table, told.index);
	if (iface && !iface->gone)
		remove_link(watch, iface);
}

/* The first of a family that can be used is the one. */
static void
on_address(struct ifwatch *watch, const struct nlmsghdr *header)
{
	static const uint8_t none[16];
	struct ifwatch_address told = { 0 };
	struct iface *iface;
	uint8_t *address;
	size_t len;

	if (!ifwatch_address(header, &told))
		return;
	iface = iftable_find(watch->table, told.if_index);
	if (!iface)
		return;
	address = told.family == AF_INET ? iface->ipv4 : iface->ipv6;
	len = told.family == AF_INET ? sizeof(iface->ipv4)
				     : sizeof(iface->ipv6);
	if (header->nlmsg_type == RTM_NEWADDR && told.usable) {
		if (memcmp(address, none, len) == 0)
			memcpy(address, told.octets, len);
	} else if (memcmp(address, told.octets, len) == 0) {
		memset(address, 0, len);
		watch->addresses_stale = true;
	}
}

/* By whom, and whose it was, nobody says. */
static void
on_del_filter(struct ifwatch *watch, const struct nlmsghdr *header)
{
	const struct tcmsg *filter = mnl_nlmsg_get_payload(header);
	struct iface *iface;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*filter) ||
	    TC_H_MAJ(filter->tcm_parent) != TC_H_MAJ(TC_H_CLSACT) ||
	    filter->tcm_parent == TC_H_ROOT)
		return;
	iface = iftable_find(watch->table, filter->tcm_ifindex);
	if (iface && !iface->gone)
		tell(watch, IFWATCH_BARED, iface);
}

static int
on_message(const struct nlmsghdr *header, void *to)
{
	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
		on_new_link(to, header);
		break;
	case RTM_DELLINK:
		on_del_link(to, header);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		on_address(to, header);
		break;
	case RTM_DELQDISC:
	case RTM_DELTFILTER:
		on_del_filter(to, header);
		break;
	}
	return MNL_CB_OK;
}

static void
forget_addresses(struct iface *iface, void *to)
{
	(void)to;
	memset(iface->ipv4, 0, sizeof(iface->ipv4));
	memset(iface->ipv6, 0, sizeof(iface->ipv6));
}

static void
remove_unless_found(struct iface *iface, void *to)
{
	struct ifwatch *watch = to;

	if (!g_hash_table_contains(watch->found,
				   GUINT_TO_POINTER(iface->index)))
		remove_link(watch, iface);
}

/* 0 or a negative errno. */
static int
dump_all(struct ifwatch *watch)
{
	int result;

	watch->found = g_hash_table_new(NULL, NULL);
	result = ifwatch_dump(RTM_GETLINK, on_message, watch);
	if (result == 0)
		iftable_each(watch->table, remove_unless_found, watch);
	g_clear_pointer(&watch->found, g_hash_table_unref);
	if (result < 0)
		return result;
	iftable_each(watch->table, forget_addresses, NULL);
	watch->addresses_stale = false;
	return ifwatch_dump(RTM_GETADDR, on_message, watch);
}

static gboolean
on_retry(void *to)
{
	struct ifwatch *watch = to;

	if (dump_all(watch) < 0)
		return G_SOURCE_CONTINUE;
	watch->retry = 0;
	tell(watch, IFWATCH_LOST, NULL);
	return G_SOURCE_REMOVE;
}

static void
dump_again(struct ifwatch *watch)
{
	int result = dump_all(watch);

	tell(watch, IFWATCH_LOST, NULL);
	if (result < 0 && !watch->retry)
		watch->retry = g_timeout_add(RETRY_MS, on_retry, watch);
}

static int
receive(struct ifwatch *watch)
{
	int got = mnl_socket_recvfrom(watch->netlink, watch->buffer, ROOM);

	return got < 0 ? -errno : got;
}

/* What still waits is older than what we are to ask for, and what would have
 * set it right may be lost. */
static void
discard(struct ifwatch *watch)
{
	while (receive(watch) != -EAGAIN)
		;
}

static gboolean
on_ready(int fd, GIOCondition condition, void *to)
{
	struct ifwatch *watch = to;
	int got = 0;

	(void)fd;
	(void)condition;
	for (int n = 0; n < AT_ONCE; n++) {
		got = receive(watch);
		if (got < 0 && got != -EINTR)
			break;
		if (got > 0)
			mnl_cb_run(watch->buffer, got, 0, 0, on_message, watch);
	}
	if (got < 0 && got != -EAGAIN && got != -EINTR) {
		log_debug("interfaces: asked for anew: %s", g_strerror(-got));
		discard(watch);
		dump_again(watch);
	} else if (watch->addresses_stale) {
		watch->addresses_stale =
			ifwatch_dump(RTM_GETADDR, on_message, watch) < 0;
	}
	return G_SOURCE_CONTINUE;
}

/* 0 or a negative errno. */
static int
begin(struct ifwatch *watch, int buffer)
{
	int result, fd;

	watch->netlink =
		mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!watch->netlink)
		return -errno;
	fd = mnl_socket_get_fd(watch->netlink);
	/* For the privileged only; others have what the system gives. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
	if (mnl_socket_bind(watch->netlink,
			    RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
				    RTMGRP_IPV6_IFADDR | RTMGRP_TC,
			    MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	result = dump_all(watch);
	if (result == -EINTR) {
		watch->retry = g_timeout_add(RETRY_MS, on_retry, watch);
		return 0;
	}
	return result;
}

struct ifwatch *
ifwatch_new(struct iftable *table, int buffer, GError **error)
{
	struct ifwatch *watch = g_new0(struct ifwatch, 1);
	int result;

	watch->table = table;
	result = begin(watch, buffer);
	if (result == 0)
		return watch;
	ifwatch_free(watch);
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(-result),
		    "cannot ask the kernel for its interfaces: %s",
		    g_strerror(-result));
	return NULL;
}

void
ifwatch_free(struct ifwatch *watch)
{
	if (!watch)
		return;
	g_clear_handle_id(&watch->source, g_source_remove);
	g_clear_handle_id(&watch->retry, g_source_remove);
	if (watch->netlink)
		mnl_socket_close(watch->netlink);
	g_free(watch);
}

void
ifwatch_follow(struct ifwatch *watch, ifwatch_told *told, void *to)
{
	watch->told = told;
	watch->to = to;
	watch->source = g_unix_fd_add(mnl_socket_get_fd(watch->netlink),
				      G_IO_IN, on_ready, watch);
}
