/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * receiver.h - the sink as a child process, and what it counted.
 */
#ifndef RECEIVER_H
#define RECEIVER_H

#include <glib.h>
#include <stdio.h>

/* NAN: not told. */
struct totals {
	double records, packets, octets, bytes, sequence_errors, drops, unread;
};

struct receiver {
	GPid pid;
	FILE *out;
	char port[16]; /* decimal */
};

/* PROGRAM is sink's path; exits with a message if it does not run. */
void receiver_start(struct receiver *receiver, const char *program);

/* What it had got when nothing more was there to read. */
struct totals receiver_stop(struct receiver *receiver);

/* From words of NAME=NUMBER. */
struct totals totals_parse(const char *line);

#endif
