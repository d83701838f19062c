/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sctpcollect.c - takes in IPFIX over SCTP, and says what came.
 *
 *	sctpcollect PORT STREAMS
 *
 * Prints a line for each event, at once:
 *
 *	ready
 *	up ASSOCIATION STREAMS
 *	message ASSOCIATION STREAM SEQUENCE SETS RECORDS FLOWS PACKETS OCTETS \
 *		DOMAIN
 *	down ASSOCIATION shutdown|lost
 *
 * Associations are numbered as they come; STREAMS is how many streams towards
 * us were agreed on, of those that we allow.  SETS has a letter for each set:
 * T, templates; O, options templates; D, data.  RECORDS are all that libfixbuf
 * decodes by the templates of this association, FLOWS those that count packets.
 * What libfixbuf has to complain of goes to standard error.
 */
#include <errno.h>
#include <fixbuf/public.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INTERNAL_ID 1000

enum { HEADER_LEN = 16, SET_HEADER_LEN = 4 };

struct flow {
	uint64_t packets, octets;
} __attribute__((packed));

static fbInfoElementSpec_t flow_spec[] = {
	{ (char *)"packetDeltaCount", 8, 0 },
	{ (char *)"octetDeltaCount", 8, 0 },
	FB_IESPEC_NULL,
};

struct association {
	unsigned number;
	fBuf_t *fbuf;
};

static fbInfoModel_t *model;
static GHashTable *associations; /* by the kernel's ID */
static unsigned n_associations;

static void
die(const char *what)
{
	fprintf(stderr, "sctpcollect: %s: %s\n", what, g_strerror(errno));
	exit(1);
}

static void
check(gboolean is_well, const GError *error)
{
	if (is_well)
		return;
	fprintf(stderr, "sctpcollect: %s\n", error->message);
	exit(1);
}

/* libfixbuf knows one sequence for each session, SCTP has one for each stream:
 * those are for who reads our lines. */
static void
on_log(const char *domain, GLogLevelFlags level, const char *message,
       void *data)
{
	(void)domain;
	(void)level;
	(void)data;
	if (!strstr(message, "out of sequence"))
		fprintf(stderr, "libfixbuf: %s\n", message);
}

static void
free_association(void *data)
{
	struct association *association = data;

	fBufFree(association->fbuf);
	g_free(association);
}

static struct association *
new_association(sctp_assoc_t id)
{
	struct association *association = g_new0(struct association, 1);
	fbSession_t *session = fbSessionAlloc(model);
	fbTemplate_t *template = fbTemplateAlloc(model);
	GError *error = NULL;

	check(fbTemplateAppendSpecArray(template, flow_spec, ~0U, &error),
	      error);
	check(fbSessionAddTemplate(session, TRUE, INTERNAL_ID, template,
				   &error) != 0,
	      error);
	association->number = ++n_associations;
	association->fbuf = fBufAllocForCollection(session, NULL);
	check(fBufSetInternalTemplate(association->fbuf, INTERNAL_ID, &error),
	      error);
	g_hash_table_replace(associations, GINT_TO_POINTER(id), association);
	return association;
}

static void
on_change(const struct sctp_assoc_change *change)
{
	void *id = GINT_TO_POINTER(change->sac_assoc_id);
	const struct association *association;

	if (change->sac_state == SCTP_COMM_UP) {
		association = new_association(change->sac_assoc_id);
		printf("up %u %u\n", association->number,
		       change->sac_inbound_streams);
		return;
	}
	association = g_hash_table_lookup(associations, id);
	if (!association)
		return;
	printf("down %u %s\n", association->number,
	       change->sac_state == SCTP_SHUTDOWN_COMP ? "shutdown" : "lost");
	g_hash_table_remove(associations, id);
}

static uint32_t
get(const uint8_t *at, int n_octets)
{
	uint32_t value = 0;

	while (n_octets--)
		value = value << 8 | *at++;
	return value;
}

static void
print_sets(const uint8_t *data, size_t len)
{
	size_t at = HEADER_LEN;

	while (at + SET_HEADER_LEN <= len) {
		uint32_t id = get(data + at, 2);
		uint32_t set_len = get(data + at + 2, 2);

		putchar(id == 2 ? 'T' : id == 3 ? 'O' : id >= 256 ? 'D' : '?');
		at += MAX(set_len, SET_HEADER_LEN);
	}
	if (at != len)
		putchar('?');
}

static void
on_message(unsigned stream, const struct association *association,
	   uint8_t *data, size_t len)
{
	unsigned n_records = 0, n_flows = 0;
	uint64_t packets = 0, octets = 0;
	struct flow flow;
	size_t flow_len = sizeof(flow);
	g_autoptr(GError) error = NULL;

	if (len < HEADER_LEN) {
		fprintf(stderr, "sctpcollect: %zu octets are no message\n",
			len);
		return;
	}
	printf("message %u %u %u ", association->number, stream,
	       get(data + 8, 4));
	print_sets(data, len);
	fBufSetBuffer(association->fbuf, data, len);
	while (fBufNext(association->fbuf, (uint8_t *)&flow, &flow_len,
			&error)) {
		n_records++;
		n_flows += flow.packets > 0;
		packets += flow.packets;
		octets += flow.octets;
	}
	if (!g_error_matches(error, FB_ERROR_DOMAIN, FB_ERROR_BUFSZ))
		fprintf(stderr, "libfixbuf: %s\n", error->message);
	printf(" %u %u %" PRIu64 " %" PRIu64 " %u\n", n_records, n_flows,
	       packets, octets, get(data + 12, 4));
}

static int
listen_at(uint16_t port, uint16_t n_streams)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
					.sin6_port = htons(port) };
	struct sctp_initmsg init = { .sinit_max_instreams = n_streams };
	struct sctp_event_subscribe events = { .sctp_data_io_event = 1,
					       .sctp_association_event = 1 };
	int fd = socket(AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP);

	if (fd < 0)
		die("socket");
	if (setsockopt(fd, IPPROTO_SCTP, SCTP_INITMSG, &init, sizeof(init)) <
		    0 ||
	    setsockopt(fd, IPPROTO_SCTP, SCTP_EVENTS, &events, sizeof(events)) <
		    0)
		die("setsockopt");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 8) < 0)
		die("bind");
	return fd;
}

int
main(int argc, char **argv)
{
	static uint8_t buffer[1 << 17]
		__attribute__((aligned(8))); /* larger than any message */
	size_t len = 0;
	int fd;

	if (argc != 3) {
		fprintf(stderr, "usage: sctpcollect PORT STREAMS\n");
		return 2;
	}
	g_log_set_default_handler(on_log, NULL);
	setlinebuf(stdout);
	model = fbInfoModelAlloc();
	associations =
		g_hash_table_new_full(NULL, NULL, NULL, free_association);
	fd = listen_at(atoi(argv[1]), atoi(argv[2]));
	puts("ready");
	for (;;) {
		struct sctp_sndrcvinfo info = { 0 };
		int flags = 0;
		int n = sctp_recvmsg(fd, buffer + len, sizeof(buffer) - len,
				     NULL, NULL, &info, &flags);

		if (n < 0)
			die("receive");
		len += n;
		if (!(flags & MSG_EOR))
			continue;
		if (flags & MSG_NOTIFICATION)
			on_change((const struct sctp_assoc_change *)buffer);
		else
			on_message(
				info.sinfo_stream,
				g_hash_table_lookup(
					associations,
					GINT_TO_POINTER(info.sinfo_assoc_id)),
				buffer, len);
		len = 0;
	}
}
