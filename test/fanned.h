/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fanned.h - a fan with collectors that are files in a directory of its own,
 * where their template sets stand, too.
 */
#ifndef FANNED_H
#define FANNED_H

#include "pipeline_fan.h"

struct fanned {
	char *dir;
	const char *dirs[2];
	struct fan *fan;
	struct meter *meter;
	struct iftable *iftable;
	struct stats stats;
	uint32_t domain;
};

/* There are template sets "a" and "b", of packets and of octets. */
void fanned_setup(struct fanned *f, const void *data);
void fanned_teardown(struct fanned *f, const void *data);

#define FANNED_ADD(name, test)                                                 \
	g_test_add("/fan/" name, struct fanned, NULL, fanned_setup, test,      \
		   fanned_teardown)

void fanned_write_set(const struct fanned *f, const char *name,
		      const char *text);

/* Collectors, of words each: "NAME SET", "NAME SET KEY=VALUE", or a URL. */
#define FANNED_COLLECTORS(...) ((const char *const[]){ __VA_ARGS__, NULL })
struct config *fanned_read_config(const struct fanned *f,
				  const char *const *collectors);

/* From now on. */
void fanned_set(struct fanned *f, const char *const *collectors);

/* In their order; held for a comparison only. */
GPtrArray *fanned_exporters(const struct fanned *f);

/* A record, to all of them. */
void fanned_push(struct fanned *f);

/* Until those that went have delivered what they had. */
void fanned_settle(struct fanned *f);

/* The file of that name: "p" for a line by set a, "o" for one by set b. */
void fanned_expect(const struct fanned *f, const char *name,
		   const char *expected);

#endif
