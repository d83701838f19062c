/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "config_keys.h"

struct collector *
collector_new(void)
{
	struct collector *collector = g_rc_box_new0(struct collector);

	keys_init(collector_keys, collector);
	return collector;
}

static void
clear_collector(void *data)
{
	struct collector *collector = data;

	keys_clear(collector_keys, collector);
	g_free(collector->origin);
}

struct collector *
collector_ref(struct collector *collector)
{
	return g_rc_box_acquire(collector);
}

void
collector_unref(struct collector *collector)
{
	g_rc_box_release_full(collector, clear_collector);
}

struct config *
config_new(void)
{
	struct config *config = g_new0(struct config, 1);

	keys_init(config_keys, config);
	config->collectors =
		g_ptr_array_new_with_free_func((GDestroyNotify)collector_unref);
	return config;
}

void
config_free(struct config *config)
{
	if (!config)
		return;
	keys_clear(config_keys, config);
	g_ptr_array_unref(config->collectors);
	g_free(config);
}

static char *
default_name(const struct collector *collector)
{
	bool brackets = strchr(collector->host, ':') && *collector->host != '/';
	g_autofree char *host =
		g_strdup_printf(brackets ? "[%s]" : "%s", collector->host);

	if (!collector->port)
		return g_steal_pointer(&host);
	return g_strdup_printf("%s:%u", host, collector->port);
}

/* What is wrong between the two, or NULL. */
static char *
conflict(const struct collector *collector, const struct collector *other)
{
	if (strcmp(other->name, collector->name) == 0)
		return g_strdup_printf(COLLECTORS
				       ".name: \"%s\" is also the one at %s",
				       collector->name, other->origin);
	if (*collector->group && other->mode != collector->mode &&
	    strcmp(other->group, collector->group) == 0)
		return g_strdup_printf(COLLECTORS
				       ".mode: differs from that of the same "
				       "group \"%s\" at %s",
				       collector->group, other->origin);
	return NULL;
}

char *
config_take_collector(struct config *config, struct collector *collector)
{
	char *wrong = NULL;

	if (!*collector->host)
		return g_strdup(COLLECTORS ".host: missing");
	if (collector->mode != COLLECTOR_MIRROR && !*collector->group)
		return g_strdup(COLLECTORS ".mode: is of a group, which is "
					   "missing");
	if (!*collector->name) {
		g_free(collector->name);
		collector->name = default_name(collector);
	}
	for (guint i = 0; !wrong && i < config->collectors->len; i++)
		wrong = conflict(collector, config->collectors->pdata[i]);
	if (wrong)
		return wrong;
	g_ptr_array_add(config->collectors, collector);
	return NULL;
}

/* From KEY on those of the same group; the one behind them. */
static const struct config_key *
dump_group(const struct config_key *key, const struct config *config, FILE *out)
{
	const char *group = key->name;
	const size_t len = strcspn(group, ".");

	fprintf(out, "%.*s = {\n", (int)len, group);
	for (; key->name && strncmp(key->name, group, len + 1) == 0; key++) {
		g_autofree char *value = key_print(key, config);

		fprintf(out, "  %s = %s;\n", key_leaf(key), value);
	}
	fputs("};\n", out);
	return key;
}

static void
dump_keys(const struct config *config, FILE *out)
{
	const struct config_key *key = config_keys;

	while (key->name) {
		if (strchr(key->name, '.')) {
			key = dump_group(key, config, out);
			continue;
		}
		g_autofree char *value = key_print(key, config);
		fprintf(out, "%s = %s;\n", key->name, value);
		key++;
	}
}

void
config_dump(const struct config *config, FILE *out)
{
	dump_keys(config, out);
	fputs(COLLECTORS " = (\n", out);
	for (guint i = 0; i < config->collectors->len; i++) {
		fputs(i ? "  }, {\n" : "  {\n", out);
		for (const struct config_key *key = collector_keys; key->name;
		     key++) {
			g_autofree char *value =
				key_print(key, config->collectors->pdata[i]);

			fprintf(out, "    %s = %s;\n", key_leaf(key), value);
		}
	}
	fputs(config->collectors->len ? "  }\n);\n" : ");\n", out);
}
