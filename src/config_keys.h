/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config_keys.h - the keys as rows, and what can be done with a row's value.
 *
 * For config's own files only.  A value stands at the row's offset in OBJECT,
 * a struct config or a struct collector, which owns it.
 */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <libconfig.h>

#include "config.h"

enum key_type {
	KEY_BOOL,     /* bool */
	KEY_UINT,     /* uint32_t */
	KEY_STRING,   /* char * */
	KEY_WORD,     /* int: which of .words */
	KEY_DURATION, /* uint64_t, in ns */
	KEY_SIZE,     /* uint64_t, in octets */
	KEY_STRINGS,  /* char **, NULL-terminated */
};

/* Which changes a reload cannot make: none, those from or to 0, all. */
enum key_restart { RESTART_NEVER, RESTART_ZERO, RESTART_ALWAYS };

struct config_key {
	const char *name; /* with its group; NULL ends a table */
	enum key_type type;
	size_t offset;
	const char *value; /* the default, as the user would write it */
	uint64_t min, max; /* KEY_UINT, KEY_DURATION, KEY_SIZE */
	const char *help;
	/* KEY_WORD; NULL-terminated.  KEY_UINT: the first stands for 0. */
	const char *const *words;
	/* KEY_STRING: which will do, if not all; what those are. */
	bool (*suits)(const char *text);
	const char *expected;
	enum key_restart restart;
};

#define COLLECTORS "collectors" /* the one list of groups */

extern const struct config_key config_keys[];	 /* of struct config */
extern const struct config_key collector_keys[]; /* of struct collector */

/* The row of GROUP.NAME, or NULL. */
const struct config_key *key_find(const struct config_key *keys,
				  const char *group, const char *name);
bool key_is_group(const struct config_key *keys, const char *name);

/* What stands behind the group's name. */
const char *key_leaf(const struct config_key *key);

/* These two are false, and change nothing, when the value is not what
 * key_expected() says.  A list cannot be parsed from text. */
bool key_parse(const struct config_key *key, const char *text, void *object);
bool key_load(const struct config_key *key, const config_setting_t *setting,
	      void *object);
char *key_expected(const struct config_key *key);

/* Both as libconfig reads them. */
char *text_quote(const char *text);
char *key_print(const struct config_key *key, const void *object);

/* A scalar as text; NULL: it is none. */
char *setting_text(const config_setting_t *setting);

bool key_same(const struct config_key *key, const void *object,
	      const void *other);
void key_copy(const struct config_key *key, void *object, const void *from);

/* Gives all KEYS their defaults; frees what they hold. */
void keys_init(const struct config_key *keys, void *object);
void keys_clear(const struct config_key *keys, void *object);

/* --- config.c: how collectors come to be ---------------------------------- */

struct collector *collector_new(void);

/* NULL: CONFIG owns COLLECTOR now; else what is wrong with it. */
char *config_take_collector(struct config *config, struct collector *collector);

#endif
