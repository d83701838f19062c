/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ifwatch_message.h"

#include <glib.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

struct attrs {
	const struct nlattr **at; /* by type */
	uint16_t max;
};

static int
collect(const struct nlattr *attr, void *to)
{
	struct attrs *attrs = to;

	if (mnl_attr_get_type(attr) <= attrs->max)
		attrs->at[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static uint32_t
get_u32(const struct nlattr *attr)
{
	if (!attr || mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
		return 0;
	return mnl_attr_get_u32(attr);
}

static const char *
get_text(const struct nlattr *attr)
{
	if (!attr || mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
		return "";
	return mnl_attr_get_str(attr);
}

/* Whether there are just so many octets, which go to OUT. */
static bool
get_octets(const struct nlattr *attr, uint8_t *out, size_t len)
{
	if (!attr || mnl_attr_get_payload_len(attr) != len)
		return false;
	memcpy(out, mnl_attr_get_payload(attr), len);
	return true;
}

static uint8_t
get_kind(const struct nlattr *linkinfo)
{
	static const char *const kinds[] = {
		[IFACE_PLAIN] = "",    [IFACE_BOND] = "bond",
		[IFACE_TEAM] = "team", [IFACE_BRIDGE] = "bridge",
		[IFACE_VLAN] = "vlan", [IFACE_VETH] = "veth",
	};
	const struct nlattr *at[IFLA_INFO_MAX + 1] = { NULL };
	struct attrs attrs = { at, IFLA_INFO_MAX };

	if (linkinfo)
		mnl_attr_parse_nested(linkinfo, collect, &attrs);
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(get_text(at[IFLA_INFO_KIND]), kinds[i]) == 0)
			return i;
	return IFACE_PLAIN;
}

/* Drivers that keep no operational state say UNKNOWN, some all their life. */
static bool
is_up(const struct ifinfomsg *link, const struct nlattr *operstate)
{
	uint8_t state = IF_OPER_UNKNOWN;

	if (operstate && mnl_attr_validate(operstate, MNL_TYPE_U8) == 0)
		state = mnl_attr_get_u8(operstate);
	return (link->ifi_flags & IFF_UP) &&
	       (state == IF_OPER_UP || state == IF_OPER_UNKNOWN);
}

bool
ifwatch_link(const struct nlmsghdr *header, struct iface *iface)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(header);
	const struct nlattr *at[IFLA_MAX + 1] = { NULL };
	struct attrs attrs = { at, IFLA_MAX };

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*link) ||
	    link->ifi_family != AF_UNSPEC || link->ifi_index <= 0)
		return false;
	mnl_attr_parse(header, sizeof(*link), collect, &attrs);
	if (at[IFLA_WIRELESS] || !*get_text(at[IFLA_IFNAME]))
		return false;
	iface->index = link->ifi_index;
	iface->type = link->ifi_type;
	iface->mtu = get_u32(at[IFLA_MTU]);
	iface->master = get_u32(at[IFLA_MASTER]);
	iface->link = get_u32(at[IFLA_LINK]);
	iface->link_abroad = at[IFLA_LINK_NETNSID];
	iface->kind = get_kind(at[IFLA_LINKINFO]);
	iface->up = is_up(link, at[IFLA_OPERSTATE]);
	get_octets(at[IFLA_ADDRESS], iface->mac, sizeof(iface->mac));
	g_strlcpy(iface->name, get_text(at[IFLA_IFNAME]), sizeof(iface->name));
	g_strlcpy(iface->alias, get_text(at[IFLA_IFALIAS]),
		  sizeof(iface->alias));
	return true;
}

/* Neither on its way in or out, nor one that changes by the day (RFC 8981). */
static bool
is_usable(const struct ifaddrmsg *message, uint32_t flags)
{
	const uint32_t unfit =
		IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED |
		(message->ifa_family == AF_INET6 ? IFA_F_TEMPORARY : 0);

	return message->ifa_scope < RT_SCOPE_LINK && !(flags & unfit);
}

bool
ifwatch_address(const struct nlmsghdr *header, struct ifwatch_address *address)
{
	const struct ifaddrmsg *message = mnl_nlmsg_get_payload(header);
	const struct nlattr *at[IFA_MAX + 1] = { NULL };
	struct attrs attrs = { at, IFA_MAX };

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*message) ||
	    (message->ifa_family != AF_INET && message->ifa_family != AF_INET6))
		return false;
	mnl_attr_parse(header, sizeof(*message), collect, &attrs);
	address->if_index = message->ifa_index;
	address->family = message->ifa_family;
	address->usable =
		is_usable(message, at[IFA_FLAGS] ? get_u32(at[IFA_FLAGS])
						 : message->ifa_flags);
	/* On a point-to-point link IFA_ADDRESS is the other end's. */
	return get_octets(at[IFA_LOCAL] ?: at[IFA_ADDRESS], address->octets,
			  message->ifa_family == AF_INET ? 4 : 16);
}
