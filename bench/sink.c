/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.c - a collector that only counts: IPFIX and NetFlow v9 over UDP.
 *
 *	sink [PORT]
 *		listens on 127.0.0.1, prints the port (0: of the kernel's choice)
 *		and, at SIGTERM, when it has read all that came, the totals,
 *		which are those of tally.h
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "tally.h"

enum {
	BATCH = 64,
	DATAGRAM_MAX = 65536,
	RECEIVE_BUFFER = 512 << 20,
};

static struct tally tally;

static struct {
	uint64_t datagrams, bytes;
	uint32_t drops;
} totals;

static volatile sig_atomic_t stopped;

static void
stop(int signal_number)
{
	stopped = signal_number;
}

static void
take_datagram(struct msghdr *header, size_t len)
{
	const struct cmsghdr *control = CMSG_FIRSTHDR(header);

	/* Nothing else was asked for. */
	if (control && control->cmsg_type == SO_RXQ_OVFL)
		totals.drops = *(uint32_t *)CMSG_DATA(control);
	totals.datagrams++;
	totals.bytes += len;
	tally_message(&tally, header->msg_iov->iov_base, len);
}

static int
open_socket(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	struct timeval idle = { .tv_usec = 100000 };
	int size = RECEIVE_BUFFER, one = 1;
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof(idle)))
		err(1, "setsockopt");
	if (bind(fd, (struct sockaddr *)&address, len) ||
	    getsockname(fd, (struct sockaddr *)&address, &len))
		err(1, "port %u", port);
	printf("%u\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static void
receive(int fd)
{
	static uint8_t data[BATCH][DATAGRAM_MAX];
	static uint64_t control[BATCH][8];
	static struct mmsghdr messages[BATCH];
	static struct iovec vectors[BATCH];
	int n;

	for (int i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){ data[i], DATAGRAM_MAX };
		messages[i].msg_hdr = (struct msghdr){
			.msg_iov = &vectors[i],
			.msg_iovlen = 1,
			.msg_control = control[i],
			.msg_controllen = sizeof(control[i]),
		};
	}
	n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
	if (n < 0 && errno == EAGAIN && stopped)
		stopped = -1; /* and nothing is left */
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		err(1, "receive");
	for (int i = 0; i < n; i++)
		take_datagram(&messages[i].msg_hdr, messages[i].msg_len);
}

int
main(int argc, char **argv)
{
	int fd;

	/* Before anybody knows of us; and not for longer than who began us. */
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	tally_begin(&tally);
	fd = open_socket(argc > 1 ? atoi(argv[1]) : 0);
	while (stopped >= 0)
		receive(fd);
	printf("records=%" PRIu64 " packets=%" PRIu64 " octets=%" PRIu64
	       " datagrams=%" PRIu64 " bytes=%" PRIu64
	       " sequence_errors=%" PRIu64 " drops=%u unread=%" PRIu64 "\n",
	       tally.records, tally.sum[TALLY_PACKETS], tally.sum[TALLY_OCTETS],
	       totals.datagrams, totals.bytes, tally.sequence_errors,
	       totals.drops, tally.unread);
	tally_end(&tally);
	return 0;
}
