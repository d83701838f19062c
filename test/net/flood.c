/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood.c - a SYN flood, and some who talk on in the middle of it.
 *
 *	flood DEVICE MAC SYNS RATE TALKERS
 *		sends SYNS segments of 40 octets to 10.99.0.1, each from an
 *		address of its own, 10.96.0.0 and up, RATE a second (0: as fast
 *		as it can); after each 16 of them a UDP datagram of 100 octets
 *		from 10.98.0.1, whose source port is that of the next of
 *		TALKERS, 1 and up.  SYNS may be a time, "30s".  Prints how many
 *		of both it sent
 *
 * The checksums are wrong, so whoever gets these packets says nothing.
 */
#include <arpa/inet.h>
#include <err.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	SYNS = 16, /* in a burst, before who talks */
	SNDBUF = 1 << 17,
	SYN_LEN = sizeof(struct iphdr) + sizeof(struct tcphdr),
	TALK_LEN = 100,
};

struct frame {
	struct ether_header ether;
	struct iphdr ip;
	union {
		struct tcphdr tcp;
		struct udphdr udp;
		unsigned char octets[TALK_LEN - sizeof(struct iphdr)];
	};
} __attribute__((packed));

static struct frame
frame_new(const char *mac, unsigned char protocol, unsigned int len)
{
	struct ether_addr *address = ether_aton(mac);
	struct frame frame = {
		.ether.ether_type = htons(ETHERTYPE_IP),
		.ip = { .version = 4,
			.ihl = 5,
			.ttl = 64,
			.tot_len = htons(len),
			.protocol = protocol,
			.daddr = htonl(0x0a630001) },
	};

	if (!address)
		errx(2, "no MAC: %s", mac);
	memcpy(frame.ether.ether_dhost, address, ETH_ALEN);
	return frame;
}

static int
open_device(const char *name)
{
	struct sockaddr_ll device = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(name),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), sndbuf = SNDBUF;

	if (fd < 0 || bind(fd, (void *)&device, sizeof(device)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf)))
		err(1, "%s", name);
	return fd;
}

/* Sleeps until N packets have their time. */
static void
pace(const struct timespec *start, unsigned long n, unsigned long rate)
{
	unsigned long long ns = n * 1000000000ULL / rate + start->tv_nsec;
	const struct timespec until = {
		.tv_sec = start->tv_sec + ns / 1000000000,
		.tv_nsec = ns % 1000000000,
	};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static bool
is_over(const struct timespec *start, unsigned long seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec - (now.tv_nsec < start->tv_nsec) >=
	       (long)seconds;
}

static void
send_all(int fd, struct frame *frame, unsigned int len)
{
	if (write(fd, frame, sizeof(frame->ether) + len) < 0)
		err(1, "write");
}

int
main(int argc, char **argv)
{
	struct frame syn, talk;
	unsigned long n, seconds = 0, rate, talkers, i;
	struct timespec start;
	char *unit;
	int fd;

	if (argc != 6)
		errx(2, "see the head of flood.c for what it takes");
	fd = open_device(argv[1]);
	n = strtoul(argv[3], &unit, 10);
	if (*unit == 's') {
		seconds = n;
		n = ULONG_MAX;
	}
	rate = strtoul(argv[4], NULL, 10);
	talkers = strtoul(argv[5], NULL, 10);
	syn = frame_new(argv[2], IPPROTO_TCP, SYN_LEN);
	syn.tcp.dest = htons(80);
	syn.tcp.doff = 5;
	syn.tcp.syn = 1;
	talk = frame_new(argv[2], IPPROTO_UDP, TALK_LEN);
	talk.ip.saddr = htonl(0x0a620001);
	talk.udp.dest = htons(9);
	talk.udp.len = htons(TALK_LEN - sizeof(struct iphdr));
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < n; i++) {
		syn.ip.saddr = htonl(0x0a600000 + i);
		send_all(fd, &syn, SYN_LEN);
		if (i % SYNS != SYNS - 1)
			continue;
		talk.udp.source = htons(1 + i / SYNS % talkers);
		send_all(fd, &talk, TALK_LEN);
		if (seconds && is_over(&start, seconds))
			n = i + 1;
		else if (rate)
			pace(&start, i, rate);
	}
	printf("%lu %lu\n", i, i / SYNS);
	return 0;
}
