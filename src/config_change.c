/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "config_keys.h"

bool
key_same(const struct config_key *key, const void *object, const void *other)
{
	g_autofree char *value = key_print(key, object);
	g_autofree char *wanted = key_print(key, other);

	return strcmp(value, wanted) == 0;
}

void
key_copy(const struct config_key *key, void *object, const void *from)
{
	void *at = (char *)object + key->offset;
	const void *source = (const char *)from + key->offset;

	switch (key->type) {
	case KEY_BOOL:
		*(bool *)at = *(const bool *)source;
		break;
	case KEY_UINT:
		*(uint32_t *)at = *(const uint32_t *)source;
		break;
	case KEY_WORD:
		*(int *)at = *(const int *)source;
		break;
	case KEY_DURATION:
	case KEY_SIZE:
		*(uint64_t *)at = *(const uint64_t *)source;
		break;
	case KEY_STRING:
		g_free(*(char **)at);
		*(char **)at = g_strdup(*(char *const *)source);
		break;
	case KEY_STRINGS:
		g_strfreev(*(char ***)at);
		*(char ***)at = g_strdupv(*(char **const *)source);
		break;
	}
}

bool
collector_same(const struct collector *one, const struct collector *other)
{
	for (const struct config_key *key = collector_keys; key->name; key++)
		if (!key_same(key, one, other))
			return false;
	return true;
}

static bool
is_zero(const struct config_key *key, const void *object)
{
	g_autofree char *value = key_print(key, object);

	return strcmp(value, "0") == 0;
}

static bool
takes_restart(const struct config_key *key, const struct config *config,
	      const struct config *force)
{
	if (key->restart == RESTART_NEVER || key_same(key, config, force))
		return false;
	return key->restart == RESTART_ALWAYS ||
	       is_zero(key, config) != is_zero(key, force);
}

void
config_keep(struct config *config, const struct config *force,
	    void (*each)(const char *key, void *to), void *to)
{
	for (const struct config_key *key = config_keys; key->name; key++) {
		if (!takes_restart(key, config, force))
			continue;
		key_copy(key, config, force);
		each(key->name, to);
	}
}
