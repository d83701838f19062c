/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traffic.c - traffic for the tests; equal arguments, equal traffic.
 *
 *	traffic sink PORT
 *		takes in what the others send, over TCP and UDP, IPv4 and IPv6;
 *		prints "ready" once it does; until killed
 *	traffic udp SEED FLOWS DATAGRAMS RATE PORT HOST...
 *		DATAGRAMS of many sizes over FLOWS flows, RATE a second; among
 *		them fragmented ones and bursts that the kernel segments
 *	traffic tcp CONNECTIONS UP DOWN PORT HOST...
 *		one connection after the other; the first carries UP octets
 *		there and DOWN back, the second half as many, then a third, ...
 *
 * Flow or connection I goes to HOST number I modulo how many there are.
 */
#include <err.h>
#include <glib.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DATAGRAM_MAX 1400
#define LARGE_MAX 4000 /* octets of a datagram that one frame cannot hold */
#define SEGMENT 500
#define SNDBUF (1 << 17) /* less in flight than a veth's backlog holds */

static char buffer[1 << 16];

struct request {
	uint64_t up, down; /* octets */
};

static void
set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		err(1, "setsockopt");
}

/* splitmix64: any seed gives a good sequence. */
static uint64_t
random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static int
listen_on(const char *port, int type)
{
	struct sockaddr_in6 any = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(g_ascii_strtoull(port, NULL, 10)),
	};
	int fd = socket(AF_INET6, type, 0);

	if (fd < 0)
		err(1, "socket");
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		err(1, "port %s", port);
	if (type == SOCK_STREAM && listen(fd, SOMAXCONN))
		err(1, "listen");
	return fd;
}

static void
take_in(int fd, void *to, uint64_t octets)
{
	while (octets) {
		void *at = to ? to : buffer;
		ssize_t n = recv(fd, at, MIN(octets, sizeof(buffer)),
				 to ? MSG_WAITALL : 0);

		if (n <= 0)
			err(1, "%" PRIu64 " octets missing", octets);
		octets -= n;
	}
}

static void
give_out(int fd, uint64_t octets)
{
	while (octets) {
		ssize_t n = send(fd, buffer, MIN(octets, sizeof(buffer)), 0);

		if (n < 0)
			err(1, "send");
		octets -= n;
	}
}

static void
serve(int fd)
{
	struct request request;

	take_in(fd, &request, sizeof(request));
	take_in(fd, NULL, request.up);
	give_out(fd, request.down);
	_exit(0);
}

static void
sink(const char *port)
{
	struct pollfd fds[] = {
		{ .fd = listen_on(port, SOCK_DGRAM), .events = POLLIN },
		{ .fd = listen_on(port, SOCK_STREAM), .events = POLLIN },
	};

	signal(SIGCHLD, SIG_IGN);
	puts("ready");
	fflush(stdout);
	while (poll(fds, 2, -1) > 0) {
		while (recv(fds[0].fd, buffer, sizeof(buffer), MSG_DONTWAIT) >= 0)
			;
		if (fds[1].revents) {
			int fd = accept(fds[1].fd, NULL, NULL);

			if (fork() == 0)
				serve(fd);
			close(fd);
		}
	}
	err(1, "poll");
}

static int
connect_to(const char *host, const char *port, int type)
{
	struct addrinfo hints = { .ai_socktype = type }, *to;
	int fd, error = getaddrinfo(host, port, &hints, &to);

	if (error)
		errx(1, "%s: %s", host, gai_strerror(error));
	fd = socket(to->ai_family, type, 0);
	if (fd < 0)
		err(1, "socket");
	set(fd, SOL_SOCKET, SO_SNDBUF, SNDBUF);
	if (connect(fd, to->ai_addr, to->ai_addrlen))
		err(1, "%s port %s", host, port);
	freeaddrinfo(to);
	return fd;
}

struct udp_flow {
	int fd;
	size_t max; /* octets of a datagram */
};

static struct udp_flow
udp_flow(unsigned i, const char *host, const char *port)
{
	static const int tos[] = { 0, 0x28, 0xb8, 0x02 };
	struct udp_flow flow = { connect_to(host, port, SOCK_DGRAM),
				 DATAGRAM_MAX };

	if (strchr(host, ':'))
		set(flow.fd, IPPROTO_IPV6, IPV6_TCLASS, tos[i / 16 % 4]);
	else
		set(flow.fd, IPPROTO_IP, IP_TOS, tos[i / 16 % 4]);
	/* Of 16 flows two are fragmented and two segmented by the kernel. */
	if (i % 16 >= 12)
		flow.max = LARGE_MAX;
	if (i % 16 >= 14)
		set(flow.fd, IPPROTO_UDP, UDP_SEGMENT, SEGMENT);
	return flow;
}

/* Sleeps until datagram SENT is due. */
static void
pace(const struct timespec *start, uint64_t sent, uint64_t rate)
{
	uint64_t ns = start->tv_nsec + sent % rate * 1000000000 / rate;
	struct timespec due = { start->tv_sec + sent / rate + ns / 1000000000,
				ns % 1000000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

static void
udp(char **arg, int n_hosts)
{
	uint64_t state = g_ascii_strtoull(arg[0], NULL, 10);
	uint64_t n_flows = g_ascii_strtoull(arg[1], NULL, 10);
	uint64_t n_datagrams = g_ascii_strtoull(arg[2], NULL, 10);
	uint64_t rate = g_ascii_strtoull(arg[3], NULL, 10);
	g_autofree struct udp_flow *flows = g_new(struct udp_flow, n_flows);
	struct timespec start;

	for (uint64_t i = 0; i < n_flows; i++)
		flows[i] = udp_flow(i, arg[5 + i % n_hosts], arg[4]);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (uint64_t i = 0; i < n_datagrams; i++) {
		uint64_t pick = random_next(&state), len = random_next(&state);
		struct udp_flow *flow = &flows[i < n_flows ? i : pick % n_flows];

		if (send(flow->fd, buffer, len % (flow->max + 1), 0) < 0)
			err(1, "datagram %" PRIu64, i);
		if (i % 16 == 15)
			pace(&start, i, rate);
	}
}

static void
tcp(char **arg, int n_hosts)
{
	uint64_t n = g_ascii_strtoull(arg[0], NULL, 10);
	uint64_t up = g_ascii_strtoull(arg[1], NULL, 10);
	uint64_t down = g_ascii_strtoull(arg[2], NULL, 10);

	for (uint64_t i = 0; i < n; i++) {
		struct request request = { up / (i + 1), down / (i + 1) };
		int fd = connect_to(arg[4 + i % n_hosts], arg[3], SOCK_STREAM);

		if (send(fd, &request, sizeof(request), 0) < 0)
			err(1, "send");
		give_out(fd, request.up);
		take_in(fd, NULL, request.down);
		if (recv(fd, buffer, 1, 0))
			errx(1, "connection %" PRIu64 " did not end", i);
		close(fd);
	}
}

int
main(int argc, char **argv)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);

	if (argc == 3 && !strcmp(argv[1], "sink"))
		sink(argv[2]);
	else if (argc >= 8 && !strcmp(argv[1], "udp"))
		udp(argv + 2, argc - 7);
	else if (argc >= 7 && !strcmp(argv[1], "tcp"))
		tcp(argv + 2, argc - 6);
	else
		errx(2, "see the head of traffic.c for what it takes");
	return 0;
}
