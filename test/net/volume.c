/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * volume.c - packets as fast as a veth takes them, from two CPUs at once.
 *
 *	volume DEVICE NET FLOWS PACKETS
 *		sends so many UDP frames of FLOWS flows, at random, out of
 *		DEVICE; flow I has source address 10.NET.(I / 256).(I % 256)
 *
 * Prints two lines for each flow, as CSV: its address, "out" or "in", packets
 * and octets of layer 3.  All that were sent went "out" of the device, past
 * what observes its egress; the other end took "in" those that its backlog had
 * room for, which send() tells.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>

enum {
	SENDERS = 2,
	ETHER = 14,
	HEADERS = ETHER + 20 + 8,
	PAYLOAD_MAX = 200,
};

struct sum {
	uint64_t packets, octets;
};

struct flow {
	struct sum out, in;
};

struct sender {
	GThread *thread;
	const char *device;
	unsigned cpu, net, n_flows;
	uint64_t n_packets;
	struct flow *flows; /* n_flows */
};

static const uint8_t headers[HEADERS] = {
	[0] = 2,
	[5] = 2, /* to nobody: who takes it in has no more work with it */
	[6] = 2,
	[11] = 1,
	[12] = 0x08,
	[ETHER] = 0x45,
	[ETHER + 8] = 64,
	[ETHER + 9] = 17,
	[ETHER + 12] = 10,
	[ETHER + 16] = 10,
	[ETHER + 19] = 1,
	[ETHER + 20] = 0x30,
	[ETHER + 22] = 0x13,
	[ETHER + 23] = 0x88,
};

static int
open_device(const char *device)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(device),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0); /* 0: it receives nothing */

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "%s", device);
	return fd;
}

static void
count(struct sum *sum, uint64_t octets)
{
	sum->packets++;
	sum->octets += octets;
}

static void
send_one(const struct sender *sender, int fd, unsigned flow, size_t payload)
{
	uint8_t frame[HEADERS + PAYLOAD_MAX] = { 0 };
	uint16_t len = HEADERS - ETHER + payload;

	memcpy(frame, headers, HEADERS);
	frame[ETHER + 2] = len >> 8;
	frame[ETHER + 3] = len;
	frame[ETHER + 13] = sender->net;
	frame[ETHER + 14] = flow >> 8;
	frame[ETHER + 15] = flow;
	frame[ETHER + 25] = len - 20;
	count(&sender->flows[flow].out, len);
	if (send(fd, frame, ETHER + len, 0) == ETHER + len)
		count(&sender->flows[flow].in, len);
	else if (errno != ENOBUFS)
		err(1, "%s", sender->device);
}

static void *
send_all(void *data)
{
	const struct sender *sender = data;
	int fd = open_device(sender->device);
	GRand *random = g_rand_new_with_seed(sender->cpu);
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sender->cpu % get_nprocs(), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "cpu %u", sender->cpu);
	for (uint64_t i = 0; i < sender->n_packets; i++)
		send_one(sender, fd, g_rand_int(random) % sender->n_flows,
			 g_rand_int(random) % (PAYLOAD_MAX + 1));
	g_rand_free(random);
	return NULL;
}

static void
print(unsigned net, unsigned flow, const char *way, const struct sum *a,
      const struct sum *b)
{
	if (a->packets + b->packets)
		printf("10.%u.%u.%u,%s,%" PRIu64 ",%" PRIu64 "\n", net,
		       flow >> 8, flow & 0xff, way, a->packets + b->packets,
		       a->octets + b->octets);
}

int
main(int argc, char **argv)
{
	struct sender senders[SENDERS];

	if (argc != 5)
		errx(2, "see the head of volume.c for what it takes");
	for (unsigned i = 0; i < SENDERS; i++) {
		struct sender *sender = &senders[i];

		*sender = (struct sender){
			.device = argv[1],
			.cpu = i,
			.net = g_ascii_strtoull(argv[2], NULL, 10),
			.n_flows = g_ascii_strtoull(argv[3], NULL, 10),
			.n_packets =
				g_ascii_strtoull(argv[4], NULL, 10) / SENDERS,
		};
		sender->flows = g_new0(struct flow, sender->n_flows);
		sender->thread = g_thread_new("sender", send_all, sender);
	}
	for (unsigned i = 0; i < SENDERS; i++)
		g_thread_join(senders[i].thread);
	for (unsigned i = 0; i < senders[0].n_flows; i++) {
		const struct flow *a = &senders[0].flows[i];
		const struct flow *b = &senders[1].flows[i];

		print(senders[0].net, i, "out", &a->out, &b->out);
		print(senders[0].net, i, "in", &a->in, &b->in);
	}
	for (unsigned i = 0; i < SENDERS; i++)
		g_free(senders[i].flows);
	return 0;
}
