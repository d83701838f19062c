/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport_batch.h - datagrams that leave together.
 *
 * A ring of copied messages between transport_udp and its socket.  They go in
 * one system call, and those of equal length, with one shorter behind them, as
 * one packet that the kernel, or the device, cuts (UDP_SEGMENT, Linux 4.18):
 * what a datagram costs is its way through the kernel.  Where a device cannot,
 * they go one by one from then on.
 */
#ifndef TRANSPORT_BATCH_H
#define TRANSPORT_BATCH_H

#include "transport.h"

#define BATCH_SIZE 32 /* 64 a call are no faster: measured */

struct batch;

/* For messages of up to MTU octets. */
struct batch *batch_new(size_t mtu);
void batch_free(struct batch *batch);

unsigned batch_len(const struct batch *batch); /* at most BATCH_SIZE */
void batch_put(struct batch *batch, const struct message *message);

/* How many of the oldest FD took, at least one, or -1 with errno. */
int batch_send(struct batch *batch, int fd);

/* The N oldest go, and are counted: sent, or dropped. */
void batch_taken(struct batch *batch, unsigned n,
		 struct transport_stats *stats);
void batch_drop(struct batch *batch, unsigned n, struct transport_stats *stats);

#endif
