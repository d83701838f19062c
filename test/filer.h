/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filer.h - the file transport, with a file or a FIFO to write to.
 *
 * Has its own log_line(); ignores SIGPIPE and SIGXFSZ.
 */
#ifndef FILER_H
#define FILER_H

#include <sys/resource.h>

#include "transport.h"

#define FILER_MTU     3000
#define FILER_RECORDS 3 /* in each message */
#define FILER_PACKETS 5 /* in each record */
#define FILER_OCTETS  700

struct filer {
	char *dir;  /* of its own */
	char *path; /* in it */
	struct collector collector;
	struct transport_stats stats;
	uint64_t n_missed;    /* calls of missed() */
	uint64_t n_room;      /* and of room() */
	GByteArray *expected; /* in the file */
	struct transport *transport;
};

/* Nothing is written or opened yet. */
void filer_prepare(struct filer *f);

struct transport *filer_open(struct filer *f, const char *path, bool patient,
			     GError **error);

/* Opens f->path. */
void filer_begin(struct filer *f, bool patient);

/* Both. */
void filer_setup(struct filer *f);
void filer_setup_fifo(struct filer *f, bool patient);

/* Whatever was made in f->dir, but the file, must be gone. */
void filer_teardown(struct filer *f);

/* A message of LEN octets VALUE, N times, to be found in the file. */
void filer_send(struct filer *f, uint8_t value, size_t len, unsigned n);

/* Or not. */
void filer_send_lost(struct filer *f, uint8_t value, size_t len, unsigned n);
void filer_flush(struct filer *f);

void filer_assert_content(const struct filer *f);

/* Messages sent and dropped so far. */
void filer_assert_stats(const struct filer *f, uint64_t n_sent,
			uint64_t n_dropped);

/* What was logged since we were asked last, a line each, after its level's
 * letter; PATH stands for the file's. */
void filer_assert_logged(const struct filer *f, const char *format);

/* Octets that any file may have. */
void filer_limit(rlim_t size);

#endif
