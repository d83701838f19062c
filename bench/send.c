/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * send.c - what a record costs on its way out, by transport.
 *
 *	send [OPTION]... [JSON]
 *		--help lists the options; JSON is send.json by default
 *
 * Full messages, ready made, go through each transport to somebody on this host
 * who is a process of its own (tcp) or does not read (udp: what the kernel
 * drops behind its own door has cost all the same).  "send()" sends the same
 * messages one a call.  In records per second of this process' CPU time, which
 * has the kernel's work in it.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report.h"
#include "transport.h"

enum {
	MTU = 1400,
	PER_MESSAGE = 22, /* records of the standard set */
	BURST = 1000,	  /* messages from one flush() to the next */
};

#define PROGRAM "flowexport"
#define UNIT	"Mrecords/cpu-s"

struct way {
	const struct transport_ops *ops;
	struct collector collector;
	struct transport_stats stats;
	struct transport *transport;
	bool up;
};

static int n_messages = 200000;
static int n_rounds = 9;
static gboolean quick;

static const GOptionEntry entries[] = {
	{ "messages", 'n', 0, G_OPTION_ARG_INT, &n_messages,
	  "in a round (200000)", "N" },
	{ "rounds", 'r', 0, G_OPTION_ARG_INT, &n_rounds,
	  "how often each runs (9)", "N" },
	{ "quick", 'q', 0, G_OPTION_ARG_NONE, &quick, "a tenth of them", NULL },
	{ NULL },
};

static uint8_t octets[MTU];
static const struct message message = {
	.data = octets,
	.len = MTU,
	.tally = { PER_MESSAGE, PER_MESSAGE, PER_MESSAGE },
};

static double
cpu_s(void)
{
	struct timespec cpu;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
	return cpu.tv_sec + cpu.tv_nsec / 1e9;
}

/* A socket on a loopback port of its own. */
static int
bound(int type, uint16_t *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) ||
	    getsockname(fd, (struct sockaddr *)&address, &len))
		err(1, "a socket");
	*port = ntohs(address.sin_port);
	return fd;
}

/* Reads all that comes to FD, as a process of its own. */
static pid_t
reader(int fd)
{
	static char data[1 << 20];
	pid_t pid;

	if (listen(fd, 1))
		err(1, "listen");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid > 0)
		return pid;
	fd = accept(fd, NULL, NULL);
	while (fd >= 0 && read(fd, data, sizeof(data)) > 0)
		;
	_exit(0);
}

static void
on_up(void *to, unsigned n_streams)
{
	struct way *way = to;

	(void)n_streams;
	way->up = true;
}

static void
on_news(void *to)
{
	(void)to;
}

static void
way_open(struct way *way, const char *host, uint16_t port)
{
	const struct transport_args args = {
		.collector = &way->collector,
		.port = port,
		.up = on_up,
		.missed = on_news,
		.room = on_news,
		.to = way,
		.stats = &way->stats,
	};
	g_autoptr(GError) error = NULL;

	way->collector = (struct collector){
		.name = "sink",
		.host = (char *)host,
		.source = "",
		.mtu = MTU,
		.reconnect_ns = 1000000000,
		.connect_timeout_ns = 1000000000,
	};
	way->transport = way->ops->new(&args, &error);
	if (!way->transport)
		errx(1, "%s", error->message);
	while (!way->ops->ready(way->transport))
		g_main_context_iteration(NULL, TRUE);
}

/* CPU seconds of N messages. */
static double
run_way(struct way *way, int n)
{
	double begin = cpu_s();

	for (int i = 0; i < n; i++) {
		while (!way->ops->ready(way->transport))
			g_main_context_iteration(NULL, TRUE);
		way->ops->send(way->transport, &message);
		if (i % BURST == 0)
			way->ops->flush(way->transport);
	}
	way->ops->flush(way->transport);
	while (way->ops->busy(way->transport))
		g_main_context_iteration(NULL, FALSE);
	return cpu_s() - begin;
}

static double
run_send(int fd, int n)
{
	double begin = cpu_s();

	for (int i = 0; i < n; i++)
		if (send(fd, octets, sizeof(octets), 0) < 0)
			err(1, "send");
	return cpu_s() - begin;
}

static int
plain_socket(uint16_t port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		err(1, "a socket");
	return fd;
}

static void
tell(struct report *report, const char *name, const char *program, double s)
{
	report_add(report, name, program, UNIT,
		   (double)n_messages * PER_MESSAGE / s / 1e6);
}

static void
run_round(struct report *report, struct way *udp, struct way *tcp,
	  struct way *file, int fd)
{
	tell(report, "udp", PROGRAM, run_way(udp, n_messages));
	tell(report, "udp", "send()", run_send(fd, n_messages));
	tell(report, "tcp", PROGRAM, run_way(tcp, n_messages));
	tell(report, "file", PROGRAM, run_way(file, n_messages));
}

/* Did the kernel take everything? */
static bool
check(const struct way *way, uint64_t n)
{
	if (way->stats.messages_sent == n && !way->stats.records_dropped)
		return true;
	warnx("%s: %g of %g messages were sent", way->ops->name,
	      (double)way->stats.messages_sent, (double)n);
	return false;
}

static void
parse_arguments(int *argc, char ***argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new("[JSON]");
	g_autoptr(GError) error = NULL;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, &error))
		errx(2, "%s", error->message);
	if (quick)
		n_messages /= 10;
	if (*argc > 2 || n_messages < 1 || n_rounds < 1)
		errx(2, "see send --help");
}

int
main(int argc, char **argv)
{
	struct way udp = { .ops = &transport_udp };
	struct way tcp = { .ops = &transport_tcp };
	struct way file = { .ops = &transport_file };
	struct report *report = report_new();
	g_autoptr(GError) error = NULL;
	uint16_t udp_port, tcp_port;
	uint64_t n;
	pid_t pid;
	int fd;

	parse_arguments(&argc, &argv);
	bound(SOCK_DGRAM, &udp_port);
	pid = reader(bound(SOCK_STREAM, &tcp_port));
	way_open(&udp, "127.0.0.1", udp_port);
	way_open(&tcp, "127.0.0.1", tcp_port);
	way_open(&file, "/dev/null", 1);
	fd = plain_socket(udp_port);
	for (int round = 0; round <= n_rounds; round++) {
		run_round(report, &udp, &tcp, &file, fd);
		if (round == 0) { /* warm now: begin */
			report_free(report);
			report = report_new();
		}
	}
	n = (uint64_t)n_messages * (n_rounds + 1);
	bool good = check(&udp, n);
	good = check(&tcp, n) && good;
	good = check(&file, n) && good;
	udp.ops->free(udp.transport);
	tcp.ops->free(tcp.transport);
	file.ops->free(file.transport);
	waitpid(pid, NULL, 0);
	if (!report_write(report, argc > 1 ? argv[1] : "send.json", &error)) {
		warnx("%s", error->message);
		good = false;
	}
	printf("udp is %.1f times send()\n",
	       report_median(report, "udp", PROGRAM) /
		       report_median(report, "udp", "send()"));
	report_free(report);
	return good ? 0 : 1;
}
