/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subject.h - a program under test: ours, as the daemon loads it, or another's,
 * out of an object file.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <stdint.h>

#include "probe.h"

/* Of whom there is a subject for each number of flows. */
struct contestant {
	const char *name;
	const char *file;	/* NULL: it is flowexport ... */
	const char *program;	/* a function or a section; NULL: the first */
	struct probe_args args; /* ... with these, but for the maximum */
};

struct subject {
	struct probe *probe;	   /* if it is flowexport */
	struct bpf_object *object; /* if it is not */
	int fd;			   /* of the program that sees ingress */
};

/* Sets the name of a contestant that has a file to that of its program. */
void contestant_find(struct contestant *contestant);

/* With room for N flows, and none in it.  Hash maps of others have twice as
 * many entries, as many as our table has slots.  Exits with a message if it
 * cannot be. */
struct subject subject_open(const struct contestant *contestant, uint32_t n);
void subject_close(struct subject *subject);

/* The largest hash map of an object; NULL: it has none. */
struct bpf_map *subject_hash(const struct subject *subject);

#endif
