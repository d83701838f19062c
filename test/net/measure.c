/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * measure.c - a collector that is faster than any flood: IPFIX over TCP.
 *
 *	measure PORT
 *		listens on 127.0.0.1, prints "ready", takes one connection, and
 *		at its end prints for each protocol and source port of UDP, for
 *		others of the protocol alone, as CSV: protocol, port, records,
 *		packets and octets
 *
 * Every template must be of sourceTransportPort, protocolIdentifier,
 * packetDeltaCount:4 and octetDeltaCount:4, in this order.
 */
#include <arpa/inet.h>
#include <err.h>
#include <glib.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	MESSAGE_HEADER = 16,
	SET_HEADER = 4,
	TEMPLATE_SET = 2,
	FIRST_DATA_SET = 256,
};

struct record {
	uint16_t port;
	uint8_t protocol;
	uint32_t packets, octets;
} __attribute__((packed));

struct sum {
	uint64_t records, packets, octets;
};

static const uint16_t layout[] = {
	4, 7, 2, 4, 1,
	2, 4, 1, 4, /* fields, then each one's element and length */
};

static struct sum protocols[256], ports[65536];

static uint16_t
read_16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static void
check_templates(const uint8_t *at, size_t len)
{
	enum { TEMPLATE = 2 + sizeof(layout) };
	bool same = len % TEMPLATE == 0;

	for (size_t i = 0; same && i < len; i += 2)
		if (i % TEMPLATE) /* behind its number */
			same = read_16(at + i) == layout[i % TEMPLATE / 2 - 1];
	if (!same)
		errx(1, "another template");
}

static void
take_record(const struct record *record)
{
	bool udp = record->protocol == IPPROTO_UDP;
	struct sum *sum = udp ? &ports[ntohs(record->port)]
			      : &protocols[record->protocol];

	sum->records++;
	sum->packets += ntohl(record->packets);
	sum->octets += ntohl(record->octets);
}

static void
take_set(uint16_t id, const uint8_t *at, size_t len)
{
	const struct record *records = (const void *)at;

	if (id == TEMPLATE_SET)
		check_templates(at, len);
	for (size_t i = 0; id >= FIRST_DATA_SET && i < len / sizeof(*records);
	     i++)
		take_record(&records[i]);
}

static void
take_message(const uint8_t *at, size_t len)
{
	const uint8_t *end = at + len;

	for (at += MESSAGE_HEADER; at < end; at += read_16(at + 2)) {
		if (end - at < SET_HEADER || read_16(at + 2) < SET_HEADER ||
		    read_16(at + 2) > end - at)
			errx(1, "a set's length is wrong");
		take_set(read_16(at), at + SET_HEADER,
			 read_16(at + 2) - SET_HEADER);
	}
}

static int
connection(uint16_t port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const void *)&address, sizeof(address)) || listen(fd, 1))
		err(1, "port %u", port);
	puts("ready");
	fflush(stdout);
	fd = accept(fd, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	return fd;
}

static void
print(unsigned protocol, unsigned port, const struct sum *sum)
{
	if (sum->records)
		printf("%u,%u,%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", protocol,
		       port, sum->records, sum->packets, sum->octets);
}

int
main(int argc, char **argv)
{
	static uint8_t message[1 << 16];
	FILE *from;

	if (argc != 2)
		errx(2, "see the head of measure.c for what it takes");
	from = fdopen(connection(atoi(argv[1])), "r");
	setvbuf(from, NULL, _IOFBF, 1 << 18);
	while (fread(message, MESSAGE_HEADER, 1, from)) {
		size_t len = read_16(message + 2);

		if (len < MESSAGE_HEADER ||
		    !fread(message + MESSAGE_HEADER, len - MESSAGE_HEADER, 1,
			   from))
			errx(1, "a message's length is wrong");
		take_message(message, len);
	}
	for (unsigned i = 0; i < G_N_ELEMENTS(ports); i++)
		print(IPPROTO_UDP, i, &ports[i]);
	for (unsigned i = 0; i < G_N_ELEMENTS(protocols); i++)
		print(i, 0, &protocols[i]);
	return 0;
}
