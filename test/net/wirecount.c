/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wirecount.c - what crossed an interface, counted by other means than ours.
 *
 *	wirecount INTERFACE
 *		counts what a packet socket sees, prints "ready" once it does,
 *		and at SIGTERM a line of CSV for each flow:
 *		direction,vlan,protocol,tos,source,source port,destination,
 *		destination port,packets,octets,flags,first ns,last ns
 *
 * Frames are wire frames only where the interface's offloads are off.  Exits
 * with 1 if the kernel dropped a frame before we saw it.  Shares no line with
 * the programs that it judges.
 */
#include <arpa/inet.h>
#include <err.h>
#include <glib.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK_LEN (1 << 20)
#define N_BLOCKS 96
#define SNAP_LEN 192 /* all headers that the tests send */

struct flow {
	uint8_t src[16], dst[16];
	uint16_t src_port, dst_port, vlan;
	uint8_t outgoing, protocol, tos, family, zero[2];
	/* The rest is not part of the key. */
	uint64_t packets, octets, first_ns, last_ns;
	unsigned flags;
};

#define KEY_LEN offsetof(struct flow, packets)

static volatile sig_atomic_t stopped;
static uint64_t n_unknown; /* frames that are no IP: ARP and the like */

static void
stop(int signal_number)
{
	stopped = signal_number;
}

static guint
flow_hash(const void *key)
{
	const uint8_t *octet = key;
	guint hash = 5381;

	for (size_t i = 0; i < KEY_LEN; i++)
		hash = hash * 33 ^ octet[i];
	return hash;
}

static gboolean
flow_equal(const void *a, const void *b)
{
	return !memcmp(a, b, KEY_LEN);
}

/* Ports, flags and ICMP's type and code, from the upper layer's header. */
static void
dissect_upper(struct flow *flow, const uint8_t *at)
{
	switch (flow->protocol) {
	case IPPROTO_TCP:
		flow->flags = (at[12] & 15) << 8 | at[13];
		/* fall through */
	case IPPROTO_UDP:
		flow->src_port = at[0] << 8 | at[1];
		flow->dst_port = at[2] << 8 | at[3];
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		flow->dst_port = at[0] << 8 | at[1];
		break;
	}
}

static void
dissect_ipv4(struct flow *flow, const uint8_t *at)
{
	flow->family = AF_INET;
	flow->tos = at[1];
	flow->protocol = at[9];
	flow->octets = at[2] << 8 | at[3];
	memcpy(flow->src, at + 12, 4);
	memcpy(flow->dst, at + 16, 4);
	if (((at[6] << 8 | at[7]) & IP_OFFMASK) == 0)
		dissect_upper(flow, at + (at[0] & 15) * 4);
}

static void
dissect_ipv6(struct flow *flow, const uint8_t *at)
{
	const uint8_t *next = at + 40;
	int offset = 0;

	flow->family = AF_INET6;
	flow->tos = at[0] << 4 | at[1] >> 4;
	flow->protocol = at[6];
	flow->octets = 40 + (at[4] << 8 | at[5]);
	memcpy(flow->src, at + 8, 16);
	memcpy(flow->dst, at + 24, 16);
	for (;;) {
		switch (flow->protocol) {
		case IPPROTO_FRAGMENT:
			offset = next[2] << 5 | next[3] >> 3;
			flow->protocol = next[0];
			next += 8;
			continue;
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			flow->protocol = next[0];
			next += 8 + next[1] * 8;
			continue;
		}
		break;
	}
	if (offset == 0)
		dissect_upper(flow, next);
}

static void
count(GHashTable *flows, const struct tpacket3_hdr *frame)
{
	const struct sockaddr_ll *link =
		(void *)((uint8_t *)frame + TPACKET_ALIGN(sizeof(*frame)));
	/* The short ones are zeros behind their end: read on without care. */
	uint8_t data[SNAP_LEN + 2048] = { 0 };
	struct flow flow = { .outgoing = link->sll_pkttype == PACKET_OUTGOING };
	struct flow *known;

	memcpy(data, (uint8_t *)frame + frame->tp_net,
	       frame->tp_snaplen - (frame->tp_net - frame->tp_mac));
	if (link->sll_protocol == htons(ETHERTYPE_IP))
		dissect_ipv4(&flow, data);
	else if (link->sll_protocol == htons(ETHERTYPE_IPV6))
		dissect_ipv6(&flow, data);
	else {
		n_unknown++;
		return;
	}
	if (frame->tp_status & TP_STATUS_VLAN_VALID)
		flow.vlan = frame->hv1.tp_vlan_tci & 0xfff;
	flow.last_ns = frame->tp_sec * UINT64_C(1000000000) + frame->tp_nsec;
	known = g_hash_table_lookup(flows, &flow);
	if (!known) {
		known = g_memdup2(&flow, sizeof(flow));
		known->octets = 0;
		known->first_ns = flow.last_ns;
		g_hash_table_add(flows, known);
	}
	known->packets++;
	known->octets += flow.octets;
	known->flags |= flow.flags;
	known->last_ns = flow.last_ns;
}

static void
count_block(GHashTable *flows, struct tpacket_block_desc *block)
{
	uint8_t *at = (uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;

	for (uint32_t i = 0; i < block->hdr.bh1.num_pkts; i++) {
		count(flows, (struct tpacket3_hdr *)at);
		at += ((struct tpacket3_hdr *)at)->tp_next_offset;
	}
	__atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL,
			 __ATOMIC_RELEASE);
}

static void
print(void *key, void *value, void *to)
{
	const struct flow *flow = key;
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];

	(void)value;
	(void)to;
	printf("%s,%u,%u,%u,%s,%u,%s,%u,%" PRIu64 ",%" PRIu64 ",%u,%" PRIu64
	       ",%" PRIu64 "\n",
	       flow->outgoing ? "out" : "in", flow->vlan, flow->protocol,
	       flow->tos, inet_ntop(flow->family, flow->src, src, sizeof(src)),
	       flow->src_port,
	       inet_ntop(flow->family, flow->dst, dst, sizeof(dst)),
	       flow->dst_port, flow->packets, flow->octets, flow->flags,
	       flow->first_ns, flow->last_ns);
}

static void
option(int fd, int name, const void *value, socklen_t len)
{
	if (setsockopt(fd, SOL_PACKET, name, value, len))
		err(1, "packet socket");
}

static int
open_socket(const char *interface, uint8_t **ring)
{
	struct sock_filter snap = BPF_STMT(BPF_RET | BPF_K, SNAP_LEN);
	struct sock_fprog filter = { 1, &snap };
	struct tpacket_req3 request = {
		.tp_block_size = BLOCK_LEN,
		.tp_block_nr = N_BLOCKS,
		.tp_frame_size = 2048,
		.tp_frame_nr = BLOCK_LEN / 2048 * N_BLOCKS,
		.tp_retire_blk_tov = 20,
	};
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(interface),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || !address.sll_ifindex)
		err(1, "%s", interface);
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter,
		       sizeof(filter)))
		err(1, "filter");
	option(fd, PACKET_VERSION, &(int){ TPACKET_V3 }, sizeof(int));
	option(fd, PACKET_RX_RING, &request, sizeof(request));
	*ring = mmap(NULL, (size_t)BLOCK_LEN * N_BLOCKS, PROT_READ | PROT_WRITE,
		     MAP_SHARED, fd, 0);
	if (*ring == MAP_FAILED)
		err(1, "ring");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		err(1, "%s", interface);
	return fd;
}

int
main(int argc, char **argv)
{
	g_autoptr(GHashTable) flows =
		g_hash_table_new_full(flow_hash, flow_equal, g_free, NULL);
	struct tpacket_stats_v3 stats;
	socklen_t len = sizeof(stats);
	struct pollfd poll_fd = { .events = POLLIN };
	unsigned block = 0;
	uint8_t *ring;

	if (argc != 2)
		errx(2, "usage: wirecount INTERFACE");
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	poll_fd.fd = open_socket(argv[1], &ring);
	puts("ready");
	fflush(stdout);
	/* A block with frames retires within 20 ms: quiet means done. */
	for (;;) {
		struct tpacket_block_desc *at =
			(void *)(ring + (size_t)BLOCK_LEN * block);

		if (__atomic_load_n(&at->hdr.bh1.block_status,
				    __ATOMIC_ACQUIRE) & TP_STATUS_USER) {
			count_block(flows, at);
			block = (block + 1) % N_BLOCKS;
		} else if (poll(&poll_fd, 1, 100) == 0 && stopped) {
			break;
		}
	}
	g_hash_table_foreach(flows, print, NULL);
	if (getsockopt(poll_fd.fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		err(1, "statistics");
	fprintf(stderr, "frames=%u no_ip=%" PRIu64 " dropped=%u\n",
		stats.tp_packets, n_unknown, stats.tp_drops);
	return stats.tp_drops != 0;
}
