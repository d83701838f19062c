/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sink.c - a collector that only counts: IPFIX and NetFlow v9 over UDP.
 *
 *	sink [PORT]
 *		listens on 127.0.0.1, prints the port (0: of the kernel's choice)
 *		and, at SIGTERM, when it has read all that came, the totals;
 *		sequence_errors: numbers that the message before did not
 *		foretell; unread: data sets or whole datagrams
 *
 * Records of options count for sequence numbers only; lists are skipped.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
	BATCH = 64,
	DATAGRAM_MAX = 65536,
	RECEIVE_BUFFER = 512 << 20,
	NETFLOW9 = 9,
	IPFIX = 10,
	VARIABLE = 65535,    /* RFC 7011 7 */
	REVERSE_PEN = 29305, /* RFC 5103 6.1 */
	FIRST_DATA_SET = 256,
};

enum role { OTHER, PACKETS, OCTETS, N_ROLES };

struct field {
	uint16_t len;
	enum role role;
};

struct layout {
	bool options;
	uint32_t min_len, n_fields;
	struct field fields[];
};

/* An Observation Domain or Source ID. */
struct domain {
	GHashTable *layouts; /* by id */
	uint32_t sequence;   /* that comes next ... */
	bool known;	     /* ... if this is set */
};

struct cursor {
	const uint8_t *at, *end;
};

static struct {
	uint64_t records, datagrams, bytes, sequence_errors, unread;
	uint64_t sum[N_ROLES];
	uint32_t drops;
} totals;

static volatile sig_atomic_t stopped;

static void
stop(int signal_number)
{
	stopped = signal_number;
}

static size_t
left(const struct cursor *c)
{
	return c->end - c->at;
}

/* Big-endian, of any length; 0 where the message ends before. */
static uint64_t
take(struct cursor *c, size_t len)
{
	uint64_t value = 0;

	if (left(c) < len) {
		c->at = c->end;
		return 0;
	}
	while (len--)
		value = value << 8 | *c->at++;
	return value;
}

/* The next LEN octets, or as many as there are. */
static struct cursor
cut(struct cursor *c, size_t len)
{
	struct cursor part = { c->at, c->at + MIN(len, left(c)) };

	c->at = part.end;
	return part;
}

/* The delta count of RFC 5102 or the total count, in either direction. */
static enum role
role_of(uint16_t id, uint32_t pen)
{
	if (pen != 0 && pen != REVERSE_PEN)
		return OTHER;
	if (id == 1 || id == 85)
		return OCTETS;
	return id == 2 || id == 86 ? PACKETS : OTHER;
}

static struct field
take_field(struct cursor *c, int version)
{
	uint16_t id = take(c, 2);
	struct field field = { .len = take(c, 2) };
	uint32_t pen = 0;

	if (version == IPFIX && id & 0x8000)
		pen = take(c, 4);
	field.role = role_of(id & (version == IPFIX ? 0x7fff : 0xffff), pen);
	return field;
}

static void
take_template(struct domain *domain, struct cursor *c, int version,
	      bool options)
{
	uint16_t id = take(c, 2);
	uint32_t n = take(c, 2);
	struct layout *layout;

	if (options && n) {
		uint16_t other = take(c, 2);

		if (version == NETFLOW9) /* octets of scopes, and of others */
			n = (n + other) / 4;
	}
	if (id < FIRST_DATA_SET || !n || n > left(c) / 4) { /* or withdrawn */
		g_hash_table_remove(domain->layouts, GUINT_TO_POINTER(id));
		return;
	}
	layout = g_malloc0(sizeof(*layout) + n * sizeof(struct field));
	layout->options = options;
	layout->n_fields = n;
	for (uint32_t i = 0; i < n; i++) {
		struct field field = take_field(c, version);

		layout->fields[i] = field;
		layout->min_len += field.len == VARIABLE ? 1 : field.len;
	}
	g_hash_table_insert(domain->layouts, GUINT_TO_POINTER(id), layout);
}

static void
take_record(const struct layout *layout, struct cursor *c)
{
	for (uint32_t i = 0; i < layout->n_fields; i++) {
		const struct field *field = &layout->fields[i];
		size_t len = field->len;

		if (len == VARIABLE && (len = take(c, 1)) == 255)
			len = take(c, 2);
		if (field->role != OTHER && !layout->options)
			totals.sum[field->role] += take(c, len);
		else
			cut(c, len);
	}
	totals.records += !layout->options;
}

/* How many records there were. */
static uint32_t
take_data(const struct layout *layout, struct cursor *c)
{
	uint32_t n = 0;

	for (; left(c) >= layout->min_len; n++)
		take_record(layout, c);
	return n;
}

/* As take_data; clears *READ if it could not be read. */
static uint32_t
take_set(struct domain *domain, struct cursor *c, int version, uint16_t id,
	 bool *read)
{
	/* v9 has 0 and 1, IPFIX 2 and 3. */
	uint16_t options_id = version == IPFIX ? 3 : 1;
	const struct layout *layout;

	if (id == options_id || id == options_id - 1) {
		while (left(c) >= 4)
			take_template(domain, c, version, id == options_id);
		return 0;
	}
	layout = g_hash_table_lookup(domain->layouts, GUINT_TO_POINTER(id));
	if (layout && layout->min_len)
		return take_data(layout, c);
	totals.unread++;
	*read = false;
	return 0;
}

static void
domain_free(void *data)
{
	struct domain *domain = data;

	g_hash_table_unref(domain->layouts);
	g_free(domain);
}

static struct domain *
domain_get(GHashTable *domains, uint32_t id)
{
	struct domain *domain =
		g_hash_table_lookup(domains, GUINT_TO_POINTER(id));

	if (domain)
		return domain;
	domain = g_new0(struct domain, 1);
	domain->layouts = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_hash_table_insert(domains, GUINT_TO_POINTER(id), domain);
	return domain;
}

static void
take_message(GHashTable *domains, struct cursor *c)
{
	int version = take(c, 2);
	uint32_t sequence, n = 0;
	struct domain *domain;
	bool read = true;

	if ((version != IPFIX && version != NETFLOW9) || left(c) < 14) {
		totals.unread++;
		return;
	}
	cut(c, version == IPFIX ? 6 : 10); /* length or count, times */
	sequence = take(c, 4);
	domain = domain_get(domains, take(c, 4));
	if (domain->known && domain->sequence != sequence)
		totals.sequence_errors++;
	while (left(c) >= 4) {
		uint16_t id = take(c, 2);
		uint16_t len = take(c, 2);
		struct cursor set = cut(c, MAX(len, 4) - 4);

		n += take_set(domain, &set, version, id, &read);
	}
	domain->sequence = sequence + (version == IPFIX ? n : 1);
	domain->known = read || version == NETFLOW9;
}

static void
take_datagram(GHashTable *domains, struct msghdr *header, size_t len)
{
	struct cursor c = { header->msg_iov->iov_base,
			    (uint8_t *)header->msg_iov->iov_base + len };
	const struct cmsghdr *control = CMSG_FIRSTHDR(header);

	/* Nothing else was asked for. */
	if (control && control->cmsg_type == SO_RXQ_OVFL)
		totals.drops = *(uint32_t *)CMSG_DATA(control);
	totals.datagrams++;
	totals.bytes += len;
	take_message(domains, &c);
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
receive(int fd, GHashTable *domains)
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
		take_datagram(domains, &messages[i].msg_hdr,
			      messages[i].msg_len);
}

int
main(int argc, char **argv)
{
	g_autoptr(GHashTable) domains =
		g_hash_table_new_full(NULL, NULL, NULL, domain_free);
	int fd;

	/* Before anybody knows of us; and not for longer than who began us. */
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	fd = open_socket(argc > 1 ? atoi(argv[1]) : 0);
	while (stopped >= 0)
		receive(fd, domains);
	printf("records=%" PRIu64 " packets=%" PRIu64 " octets=%" PRIu64
	       " datagrams=%" PRIu64 " bytes=%" PRIu64
	       " sequence_errors=%" PRIu64 " drops=%u unread=%" PRIu64 "\n",
	       totals.records, totals.sum[PACKETS], totals.sum[OCTETS],
	       totals.datagrams, totals.bytes, totals.sequence_errors,
	       totals.drops, totals.unread);
	return 0;
}
