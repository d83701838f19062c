/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.h - a collector that is connected to, on a loopback port of its own,
 * and the main loop while it waits.
 */
#ifndef STREAM_H
#define STREAM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A socket that listens on 127.0.0.1; *PORT 0: one that it has then. */
int stream_listen(uint16_t *port);

/* The next that connects, or -1 when none does within MS. */
int stream_accept(int fd, unsigned ms);

/* Runs the loop until *COUNT is at least LIMIT; fails after some seconds. */
void stream_until(const uint64_t *count, uint64_t limit);

/* What comes until there are LEN octets or the other end closes. */
GByteArray *stream_read(int fd, size_t len);

/* Closes it in a way that the other end is reset. */
void stream_reset(int fd);

#endif
