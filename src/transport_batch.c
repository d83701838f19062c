/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_batch.h"

#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#define PACKET_MAX 65000 /* octets before the kernel cuts them */

union control {
	struct cmsghdr header;
	uint8_t room[CMSG_SPACE(sizeof(uint16_t))];
};

struct batch {
	size_t mtu;
	bool segment; /* the kernel cuts, as far as we know */
	unsigned head, n;
	struct iovec iov[BATCH_SIZE];
	struct tally tally[BATCH_SIZE];
	uint8_t *octets;

	/* What one call sends: packets of one or more messages. */
	unsigned n_packets;
	struct mmsghdr packets[BATCH_SIZE];
	union control control[BATCH_SIZE];
};

/* Messages from the one AT on that make a packet: of equal length, but for the
 * last, which may be shorter. */
static unsigned
count_equal(const struct batch *batch, unsigned at, unsigned end)
{
	size_t len = batch->iov[at].iov_len, sum = len;
	unsigned i = at + 1;

	while (i < end && batch->iov[i].iov_len <= len &&
	       batch->iov[i - 1].iov_len == len && sum + len <= PACKET_MAX)
		sum += batch->iov[i++].iov_len;
	return i - at;
}

static void
set_segments(struct msghdr *header, union control *control, uint16_t len)
{
	struct cmsghdr *cmsg = &control->header;

	header->msg_control = control;
	header->msg_controllen = sizeof(*control);
	cmsg->cmsg_level = IPPROTO_UDP;
	cmsg->cmsg_type = UDP_SEGMENT;
	cmsg->cmsg_len = CMSG_LEN(sizeof(len));
	memcpy(CMSG_DATA(cmsg), &len, sizeof(len));
}

static void
add_packet(struct batch *batch, unsigned at, unsigned n)
{
	unsigned i = batch->n_packets++;
	struct msghdr *header = &batch->packets[i].msg_hdr;

	*header = (struct msghdr){
		.msg_iov = &batch->iov[at],
		.msg_iovlen = n,
	};
	if (n > 1)
		set_segments(header, &batch->control[i],
			     batch->iov[at].iov_len);
}

/* As far as the ring's end, behind which there is no iovec. */
static int
try_send(struct batch *batch, int fd, bool segment)
{
	unsigned end = MIN(batch->head + batch->n, BATCH_SIZE);
	int n_packets, n = 0;

	batch->n_packets = 0;
	for (unsigned at = batch->head, step; at < end; at += step) {
		step = segment ? count_equal(batch, at, end) : 1;
		add_packet(batch, at, step);
	}
	n_packets = sendmmsg(fd, batch->packets, batch->n_packets, 0);
	for (int i = 0; i < n_packets; i++)
		n += batch->packets[i].msg_hdr.msg_iovlen;
	return n_packets > 0 ? n : -1;
}

/* Which of these it is that a device cannot is for the driver to say; none may
 * come from it. */
static bool
may_be_segments(const struct batch *batch, int error)
{
	return batch->packets[0].msg_hdr.msg_iovlen > 1 &&
	       (error == EINVAL || error == EIO || error == EMSGSIZE ||
		error == EOPNOTSUPP);
}

int
batch_send(struct batch *batch, int fd)
{
	int n = try_send(batch, fd, batch->segment);

	if (n > 0 || !may_be_segments(batch, errno))
		return n;
	n = try_send(batch, fd, false);
	if (n > 0)
		batch->segment = false;
	return n;
}

unsigned
batch_len(const struct batch *batch)
{
	return batch->n;
}

void
batch_put(struct batch *batch, const struct message *message)
{
	unsigned slot = (batch->head + batch->n++) % BATCH_SIZE;

	g_assert(message->len <= batch->mtu);
	g_assert(batch->n <= BATCH_SIZE);
	memcpy(batch->iov[slot].iov_base, message->data, message->len);
	batch->iov[slot].iov_len = message->len;
	batch->tally[slot] = message->tally;
}

/* The oldest one's place. */
static unsigned
pop(struct batch *batch)
{
	unsigned head = batch->head;

	batch->head = --batch->n ? (head + 1) % BATCH_SIZE : 0;
	return head;
}

void
batch_taken(struct batch *batch, unsigned n, struct transport_stats *stats)
{
	for (; n > 0; n--) {
		unsigned slot = pop(batch);

		stats->messages_sent++;
		stats->octets_sent += batch->iov[slot].iov_len;
		stats->records_exported += batch->tally[slot].records;
	}
}

void
batch_drop(struct batch *batch, unsigned n, struct transport_stats *stats)
{
	for (; n > 0; n--)
		transport_dropped(stats, &batch->tally[pop(batch)]);
}

struct batch *
batch_new(size_t mtu)
{
	struct batch *batch = g_new0(struct batch, 1);

	batch->mtu = mtu;
	batch->segment = true;
	batch->octets = g_malloc(mtu * BATCH_SIZE);
	for (int i = 0; i < BATCH_SIZE; i++)
		batch->iov[i].iov_base = batch->octets + mtu * i;
	return batch;
}

void
batch_free(struct batch *batch)
{
	if (!batch)
		return;
	g_free(batch->octets);
	g_free(batch);
}
