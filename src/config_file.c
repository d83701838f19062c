/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "config_keys.h"
#include "config_text.h"

struct load {
	struct config *config;
	const char *file;
	GString *complaints;
};

/* libconfig names a file only where it is an included one. */
static char *
origin(const struct load *load, const config_setting_t *setting)
{
	const char *file = config_setting_source_file(setting);

	return g_strdup_printf("%s:%u", file ? file : load->file,
			       config_setting_source_line(setting));
}

static void complain(struct load *load, const config_setting_t *setting,
		     const char *format, ...) G_GNUC_PRINTF(3, 4);

static void
complain(struct load *load, const config_setting_t *setting, const char *format,
	 ...)
{
	g_autofree char *at = origin(load, setting);
	va_list args;

	g_string_append_printf(load->complaints, "%s: ", at);
	va_start(args, format);
	g_string_append_vprintf(load->complaints, format, args);
	va_end(args);
	g_string_append_c(load->complaints, '\n');
}

static void
load_key(struct load *load, const struct config_key *key,
	 const config_setting_t *setting, void *object)
{
	if (key_load(key, setting, object))
		return;
	g_autofree char *expected = key_expected(key);
	g_autofree char *text = setting_text(setting);
	if (!text) {
		complain(load, setting, "%s: must be %s", key->name, expected);
		return;
	}
	g_autofree char *quoted = text_quote(text);
	bool string = config_setting_type(setting) == CONFIG_TYPE_STRING;
	complain(load, setting, "%s: must be %s, not %s", key->name, expected,
		 string ? quoted : text);
}

static void
load_keys(struct load *load, const struct config_key *keys,
	  const config_setting_t *group, const char *group_name, void *object)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		config_setting_t *setting = config_setting_get_elem(
			(config_setting_t *)group, (unsigned)i);
		const char *name = config_setting_name(setting);
		const struct config_key *key = key_find(keys, group_name, name);

		if (key)
			load_key(load, key, setting, object);
		else
			complain(load, setting, "unknown key %s.%s", group_name,
				 name);
	}
}

static void
load_collector(struct load *load, const config_setting_t *setting)
{
	if (!config_setting_is_group(setting)) {
		complain(load, setting, COLLECTORS ": must be groups { ... }");
		return;
	}
	struct collector *collector = collector_new();
	collector->origin = origin(load, setting);
	load_keys(load, collector_keys, setting, COLLECTORS, collector);
	g_autofree char *wrong = config_take_collector(load->config, collector);
	if (wrong) {
		complain(load, setting, "%s", wrong);
		collector_unref(collector);
	}
}

static void
load_collectors(struct load *load, config_setting_t *list)
{
	if (!config_setting_is_list(list)) {
		complain(load, list,
			 COLLECTORS ": must be a list ( { ... }, ... )");
		return;
	}
	for (int i = 0; i < config_setting_length(list); i++)
		load_collector(load,
			       config_setting_get_elem(list, (unsigned)i));
}

static void
load_group(struct load *load, config_setting_t *setting)
{
	const char *name = config_setting_name(setting);
	const struct config_key *key = key_find(config_keys, "", name);

	if (key)
		load_key(load, key, setting, load->config);
	else if (strcmp(name, COLLECTORS) == 0)
		load_collectors(load, setting);
	else if (!key_is_group(config_keys, name))
		complain(load, setting, "unknown key %s", name);
	else if (!config_setting_is_group(setting))
		complain(load, setting, "%s: must be a group { ... }", name);
	else
		load_keys(load, config_keys, setting, name, load->config);
}

static void
load_text(struct load *load, const char *text, const char *include_dir)
{
	config_t parsed;

	config_init(&parsed);
	config_set_include_dir(&parsed, include_dir);
	if (config_read_string(&parsed, text)) {
		config_setting_t *root = config_root_setting(&parsed);

		for (int i = 0; i < config_setting_length(root); i++)
			load_group(load,
				   config_setting_get_elem(root, (unsigned)i));
	} else {
		const char *file = config_error_file(&parsed);

		g_string_append_printf(load->complaints, "%s:%d: %s\n",
				       file ? file : load->file,
				       config_error_line(&parsed),
				       config_error_text(&parsed));
	}
	config_destroy(&parsed);
}

bool
config_load(struct config *config, const char *file, GError **error)
{
	g_autoptr(GString) complaints = g_string_new(NULL);
	g_autofree char *include_dir = g_path_get_dirname(file);
	g_autofree char *text = config_text(file, include_dir, complaints);
	struct load load = { config, file, complaints };

	if (text)
		load_text(&load, text, include_dir);
	if (!complaints->len)
		return true;
	g_string_truncate(complaints, complaints->len - 1);
	g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			    complaints->str);
	return false;
}
