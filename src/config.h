/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.h - everything that the user can set: file, command line, defaults.
 *
 * A key is a member here and a row of the table in config_keys.c, which
 * loads, checks, prints and documents it.  Only pipeline and main read struct
 * config; every other module takes plain arguments.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "collector.h"

enum config_directions {
	DIRECTIONS_BOTH,
	DIRECTIONS_INGRESS,
	DIRECTIONS_EGRESS,
};
enum config_attach { ATTACH_AUTO, ATTACH_TCX, ATTACH_TC };
enum config_dedupe {
	CONFIG_DEDUPE_OFF,
	CONFIG_DEDUPE_MERGE,
	CONFIG_DEDUPE_DROP,
	CONFIG_DEDUPE_MARK,
};

struct config {
	char **include; /* globs on interface names, NULL-terminated */
	char **exclude;
	int directions; /* enum config_directions */
	int attach;	/* enum config_attach */

	uint32_t flows_max;
	uint64_t active_timeout_ns;
	uint64_t idle_timeout_ns;
	uint64_t tcp_end_ns;
	uint64_t scan_interval_ns;
	uint64_t overflow; /* octets */
	bool precise_times;

	int dedupe_mode; /* enum config_dedupe */
	uint64_t dedupe_expire_ns;

	uint32_t sampling; /* 1 packet in so many */
	uint32_t domain;
	char *agent_ip; /* "auto", an address, or "%INTERFACE" */

	char *control_socket; /* path; "": none */
	char *metrics_listen; /* "": nowhere; or see config_listen() */
	char *user;	      /* to go on as; "": as we are */

	GPtrArray *collectors; /* of struct collector */
};

/* Who holds one of its collectors keeps it. */
struct collector *collector_ref(struct collector *collector);
void collector_unref(struct collector *collector);

#define CONFIG_DEFAULT_USER "flowexport"

/* Every key at its default, no collector. */
struct config *config_new(void);
void config_free(struct config *config);

/* Reads FILE over the defaults.  All complaints, one a line as
 * FILE:LINE: MESSAGE, in *ERROR; CONFIG is then unusable. */
bool config_load(struct config *config, const char *file, GError **error);

/* PROTOCOL+TRANSPORT://HOST[:PORT][?key=value&...] */
bool config_add_collector_url(struct config *config, const char *url,
			      GError **error);

/* A duration as users write it: "60", "0.5" (seconds), "500ms", "5m", "1h". */
bool config_duration(const char *text, uint64_t *ns);

/* "192.0.2.1:9995", "[::]:9995": an address of this host, and a port that is
 * not 0; NULL: TEXT is none.  Names are not looked up. */
GSocketAddress *config_listen(const char *text);

/* Every key with its value, as a file that config_load() reads. */
void config_dump(const struct config *config, FILE *out);

/* Whether the two are the same, wherever they stand. */
bool collector_same(const struct collector *one, const struct collector *other);

/* CONFIG follows FORCE in a program that runs: what takes a restart becomes as
 * it is in FORCE, and EACH such key that differs is told. */
void config_keep(struct config *config, const struct config *force,
		 void (*each)(const char *key, void *to), void *to);

/* Calls EACH for each row of the key table, in order: "flows.max", its default
 * as a user would write it, its help; for --help, man page and tests. */
void config_each_key(void (*each)(const char *key, const char *type,
				  const char *value, const char *help,
				  void *to),
		     void *to);

#endif
