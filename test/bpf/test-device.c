/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"
#include "probe_hooks.h"

#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	MAX_FLOWS = 64,
	NON_LINEAR = 5000, /* more than a page: smaller packets are copied */
	WAIT_US = 1000000,
	WAIT_STEP_US = 1000,
};

static GPtrArray *packets;
static struct probe *probe;
static struct hooks *egress, *ingress;
static struct iface one = { .type = ARPHRD_ETHER, .name = "one" };
static struct iface two = { .type = ARPHRD_ETHER, .name = "two" };
static int packet_socket;

static void
ip(const char *arguments)
{
	g_autofree char *command = g_strdup_printf("ip link %s", arguments);
	g_autoptr(GError) error = NULL;
	int status = 0;

	g_spawn_command_line_sync(command, NULL, NULL, &status, &error);
	g_assert_no_error(error);
	g_assert_cmpint(status, ==, 0);
}

/* Two devices with a cable between, where nobody else talks: what "one" sends
 * is seen on its egress and on the ingress of "two". */
static void
make_devices(void)
{
	const int on = 1;
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(unshare(CLONE_NEWNET), ==, 0);
	g_file_set_contents("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1",
			    1, &error);
	ip("add one type veth peer name two");
	ip("set one up arp off mtu 9000");
	ip("set two up arp off mtu 9000");
	one.index = if_nametoindex(one.name);
	two.index = if_nametoindex(two.name);
	packet_socket = socket(AF_PACKET, SOCK_RAW, 0);
	g_assert_cmpint(packet_socket, >=, 0);
	g_assert_cmpint(setsockopt(packet_socket, SOL_PACKET, PACKET_VNET_HDR,
				   &on, sizeof(on)),
			==, 0);
}

/* Hands the kernel all packet.len octets; the first LINEAR of them stand in the
 * skb's linear part, if it is larger than a page. */
static void
send_packet(const struct packet_case *c, uint16_t linear)
{
	const struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = one.index,
	};
	struct virtio_net_hdr header = { .hdr_len = linear };
	g_autofree uint8_t *data = packets_whole(c);
	struct iovec iov[] = { { &header, sizeof(header) },
			       { data, c->packet.len } };
	struct msghdr message = {
		.msg_name = (void *)&to,
		.msg_namelen = sizeof(to),
		.msg_iov = iov,
		.msg_iovlen = G_N_ELEMENTS(iov),
	};

	if (c->packet.gso_size) {
		header.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		header.gso_size = c->packet.gso_size;
		header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		header.csum_start = 14 + 20;
		header.csum_offset = 16;
	}
	g_assert_cmpint(sendmsg(packet_socket, &message, 0), ==,
			sizeof(header) + c->packet.len);
}

/* The flow seen in DIRECTION.  Softirqs may be late. */
static void
read_flow(enum flow_direction direction, struct flow_key *key,
	  struct flow_value *value)
{
	const struct table *table = probe_table(probe);

	for (int us = 0; us < WAIT_US; us += WAIT_STEP_US) {
		for (uint32_t slot = 0; slot < flowtable_n_slots(table);
		     slot++) {
			if (!flowtable_is_live(table, slot))
				continue;
			kernel_read(table, slot, key, value);
			if (key->direction == direction)
				return;
		}
		g_usleep(WAIT_STEP_US);
	}
	g_assert_not_reached();
}

/* Sends the packet and looks what came of it at either end. */
static void
check_packet(const struct packet_case *c, uint16_t linear)
{
	struct flow_counters count;
	struct flow_value value;
	struct flow_key key;

	kernel_clear(probe_table(probe));
	probe_counters(probe, &count);
	send_packet(c, linear);
	read_flow(FLOW_EGRESS, &key, &value);
	packets_check(c, &key, &value);
	g_assert_cmpuint(key.if_index, ==, one.index);
	read_flow(FLOW_INGRESS, &key, &value);
	packets_check(c, &key, &value);
	g_assert_cmpuint(key.if_index, ==, two.index);

	count = kernel_counted(probe, &count);
	g_assert_cmpuint(count.packets_seen, ==, 2 * c->value.packets);
	g_assert_cmpuint(count.octets_seen, ==, 2 * c->value.octets);
	g_assert_cmpuint(count.flows_created, ==, 2);
}

static void
test_packet(const void *name)
{
	check_packet(packets_find(packets, name), 0);
}

/* Cut anywhere in its headers, by which the linear part ends. */
static void
test_non_linear(const void *name)
{
	struct packet_case c = *packets_find(packets, name);
	bool v6 = c.key.family == FLOW_IPV6;
	uint8_t *data = g_memdup2(c.data, c.n);
	uint16_t len = NON_LINEAR - 14 - (v6 ? 40 : 0);

	c.data = data;
	c.packet.len = NON_LINEAR;
	c.value.octets = NON_LINEAR - 14;
	c.value.extremes.min_len = c.value.extremes.max_len = NON_LINEAR - 14;
	data[14 + (v6 ? 4 : 2)] = len >> 8;
	data[14 + (v6 ? 5 : 3)] = len;
	for (uint32_t linear = 14; linear <= c.n; linear++)
		check_packet(&c, linear);
	g_free(data);
}

static struct hooks *
attach(const struct iface *iface, const struct hooks_args *args)
{
	struct hooks *hooks = hooks_new(probe, args, NULL);
	g_autoptr(GError) error = NULL;

	hooks_attach(hooks, iface, &error);
	g_assert_no_error(error);
	return hooks;
}

static void
add(void)
{
	static const char *const plain[] = {
		"v4-tcp-syn",	       "v6-icmp-solicitation",
		"vlan-8021q",	       "vlan-8021ad",
		"vlan-priority-outer", "gso-unknown",
		"gso-unknown-even",    "arp",
		"mpls-four-v6",	       "pppoe-vlan-v6",
	};
	static const char *const non_linear[] = {
		"v4-tcp-data",
		"v4-options-most",
		"v6-udp",
		"v6-six-extensions",
	};

	make_devices();
	packets = packets_load();
	probe = kernel_new(MAX_FLOWS, false);
	egress = attach(&one, &(struct hooks_args){ .what.egress = true });
	ingress = attach(&two, &(struct hooks_args){ .what.ingress = true });
	for (size_t i = 0; i < G_N_ELEMENTS(plain); i++) {
		g_autofree char *path =
			g_strdup_printf("/device/packet/%s", plain[i]);

		g_test_add_data_func(path, plain[i], test_packet);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(non_linear); i++) {
		g_autofree char *path =
			g_strdup_printf("/device/non-linear/%s", non_linear[i]);

		g_test_add_data_func(path, non_linear[i], test_non_linear);
	}
}

int
main(int argc, char **argv)
{
	int failed = kernel_main(argc, argv, add);

	g_clear_pointer(&packets, g_ptr_array_unref);
	hooks_free(egress);
	hooks_free(ingress);
	probe_free(probe);
	return failed;
}
