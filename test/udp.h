/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * udp.h - a collector's end of the wire, on a loopback port of its own.
 */
#ifndef UDP_H
#define UDP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/* A socket on FAMILY's loopback address; *PORT: the port that it has. */
int udp_receiver(int family, uint16_t *port);

/* Keeps the port, but lets the kernel refuse what comes for it; or no more. */
void udp_refuse(int fd, bool refuse);

/* The next datagram, and where from (or NULL); -1: none came. */
ssize_t udp_receive(int fd, void *data, size_t size,
		    struct sockaddr_storage *from);

/* Runs the loop until *COUNT is at least LIMIT; fails after some seconds. */
void udp_loop_until(const uint64_t *count, uint64_t limit);

#endif
