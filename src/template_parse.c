/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "template_parse.h"

#include <gio/gio.h>
#include <libconfig.h>
#include <string.h>

#include "config_text.h"

/* One reading of a set's file. */
struct loader {
	struct template_set *set;
	char **lines;
	config_t config;
	bool has_family;
	GString *complaints;
};

static const struct family {
	const char *key;
	enum field_family family;
} families[TEMPLATE_N_LISTS] = {
	[TEMPLATE_IPV4] = { "ipv4", FIELD_OF_IPV4 },
	[TEMPLATE_IPV6] = { "ipv6", FIELD_OF_IPV6 },
	[TEMPLATE_OTHER] = { "other", FIELD_OF_OTHER },
};

/*
 * Of a string in a list libconfig 1.5 tells the line of what follows it, which
 * is another one where the list ends: look back for the string itself.
 */
static unsigned
setting_line(const struct loader *loader, const config_setting_t *setting)
{
	unsigned last = config_setting_source_line(setting);
	const char *text = config_setting_get_string(setting);
	g_autofree char *quoted = NULL;

	if (!text || config_setting_source_file(setting)) /* @include */
		return last;
	quoted = g_strdup_printf("\"%s\"", text);
	for (unsigned line = last; line > 0; line--) {
		if (strstr(loader->lines[line - 1], quoted))
			return line;
	}
	return last;
}

/* Takes MESSAGE. */
static void
complain(struct loader *loader, const config_setting_t *at, char *message)
{
	const char *file = config_setting_source_file(at) ?: loader->set->path;
	unsigned line = MAX(setting_line(loader, at), 1);

	if (loader->complaints->len > 0)
		g_string_append_c(loader->complaints, '\n');
	g_string_append_printf(loader->complaints, "%s:%u: %s", file, line,
			       message);
	g_free(message);
}

static bool
has_field(const struct template *template, const struct field *field)
{
	for (size_t i = 0; i < template->n_fields; i++) {
		if (template->fields[i].field == field)
			return true;
	}
	return false;
}

/* RFC 7011 6.2: integers; not times, nor addresses.  A string of fixed length
 * may have any. */
static bool
can_reduce(const struct field *field)
{
	return field->kind <= FIELD_DSCP || field->kind == FIELD_DURATION ||
	       field->kind == FIELD_USEC_DURATION ||
	       field->kind == FIELD_STRING;
}

/* Reads "NAME" or "NAME:OCTETS"; returns what is wrong with it, or NULL. */
static char *
parse_entry(const char *text, const struct family *family,
	    const struct template *template, struct template_field *out)
{
	size_t name_len = strcspn(text, ":");
	g_autofree char *name = g_strndup(text, name_len);
	const struct field *field = field_find(name);
	guint64 length;

	if (!field)
		return g_strdup_printf("unknown element \"%s\"", name);
	if (!field_suits(field, family->family))
		return g_strdup_printf("%s: \"%s\" is of another family",
				       family->key, name);
	if (has_field(template, field))
		return g_strdup_printf("%s: \"%s\" is there twice", family->key,
				       name);
	*out = (struct template_field){ field, field->length };
	if (text[name_len] == '\0')
		return NULL;
	if (!g_ascii_string_to_unsigned(text + name_len + 1, 10, 1,
					field->length, &length, NULL))
		return g_strdup_printf("\"%s\": the length is not 1 to %u",
				       text, field->length);
	if (length < field->length && !can_reduce(field))
		return g_strdup_printf("\"%s\": cannot be shortened", text);
	out->length = length;
	return NULL;
}

static void
load_entry(struct loader *loader, const config_setting_t *entry,
	   const struct family *family, struct template *template)
{
	const char *text = config_setting_get_string(entry);
	struct template_field parsed = { 0 };
	char *wrong;

	if (text)
		wrong = parse_entry(text, family, template, &parsed);
	else
		wrong = g_strdup_printf("%s: not an element name", family->key);
	if (wrong) {
		complain(loader, entry, wrong);
		return;
	}
	template->fields[template->n_fields++] = parsed;
	template->len += parsed.length;
}

static void
load_family(struct loader *loader, const config_setting_t *list,
	    const struct family *family, struct template *template)
{
	int n = config_setting_length(list);

	if (!config_setting_is_array(list) && !config_setting_is_list(list)) {
		complain(loader, list,
			 g_strdup_printf("%s: not a list of element names",
					 family->key));
		return;
	}
	if (n == 0)
		complain(loader, list,
			 g_strdup_printf("%s: the list is empty", family->key));
	template->fields = g_new0(struct template_field, n);
	for (int i = 0; i < n; i++)
		load_entry(loader, config_setting_get_elem(list, i), family,
			   template);
}

static const struct options_table *
find_table(const char *name)
{
	for (int i = 0; i < OPTIONS_N; i++) {
		if (strcmp(options_tables[i].name, name) == 0)
			return &options_tables[i];
	}
	return NULL;
}

static void
fill_options(struct template *template, const struct options_table *table)
{
	template->fields = g_new0(struct template_field, OPTIONS_MAX_FIELDS);
	for (const struct field *field = table->fields; field->name; field++) {
		template->fields[template->n_fields++] =
			(struct template_field){ field, field->length };
		template->len += field->length;
	}
	template->n_scope = table->n_scope;
}

static void
load_table(struct loader *loader, const config_setting_t *entry)
{
	const char *name = config_setting_get_string(entry);
	const struct options_table *table = name ? find_table(name) : NULL;
	struct template *template;

	if (!table) {
		complain(loader, entry,
			 name ? g_strdup_printf("unknown options table \"%s\"",
						name)
			      : g_strdup("options: not a table's name"));
		return;
	}
	template = &loader->set->options[table - options_tables];
	if (template->n_fields > 0) {
		complain(loader, entry,
			 g_strdup_printf("options: \"%s\" is there twice",
					 name));
		return;
	}
	fill_options(template, table);
}

static void
load_options(struct loader *loader, const config_setting_t *list)
{
	if (!config_setting_is_array(list) && !config_setting_is_list(list)) {
		complain(loader, list,
			 g_strdup("options: not a list of tables"));
		return;
	}
	for (int i = 0; i < config_setting_length(list); i++)
		load_table(loader, config_setting_get_elem(list, i));
}

static void
load_extended(struct loader *loader, const config_setting_t *setting)
{
	if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
		complain(loader, setting,
			 g_strdup("netflow9_extended: neither true nor false"));
	loader->set->netflow9_extended = config_setting_get_bool(setting);
}

static void
load_setting(struct loader *loader, const config_setting_t *setting)
{
	const char *key = config_setting_name(setting);

	for (int i = 0; i < TEMPLATE_N_LISTS; i++) {
		if (strcmp(key, families[i].key) == 0) {
			load_family(loader, setting, &families[i],
				    &loader->set->family[i]);
			loader->has_family = true;
			return;
		}
	}
	if (strcmp(key, "options") == 0)
		load_options(loader, setting);
	else if (strcmp(key, "netflow9_extended") == 0)
		load_extended(loader, setting);
	else
		complain(loader, setting,
			 g_strdup_printf("unknown key %s", key));
}

static void
load_text(struct loader *loader, const char *text)
{
	config_t *config = &loader->config;
	const config_setting_t *root;
	int n;

	if (!config_read_string(config, text)) {
		const char *file = config_error_file(config);

		g_string_printf(loader->complaints, "%s:%d: %s",
				file ?: loader->set->path,
				config_error_line(config),
				config_error_text(config));
		return;
	}
	root = config_root_setting(config);
	n = config_setting_length(root);
	for (int i = 0; i < n; i++)
		load_setting(loader, config_setting_get_elem(root, i));
	if (!loader->has_family)
		complain(loader, root,
			 g_strdup("no list of elements is there"));
}

bool
template_parse(struct template_set *set, const char *text, GError **error)
{
	struct loader loader = {
		.set = set,
		.lines = g_strsplit(text, "\n", 0),
		.complaints = g_string_new(NULL),
	};
	g_autofree char *dir = g_path_get_dirname(set->path);
	bool good;

	config_init(&loader.config);
	config_set_include_dir(&loader.config, dir);
	config_text_check(text, set->path, dir, loader.complaints);
	if (loader.complaints->len > 0)
		g_string_truncate(loader.complaints,
				  loader.complaints->len - 1);
	else
		load_text(&loader, text);
	good = loader.complaints->len == 0;
	if (!good)
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
				    loader.complaints->str);
	config_destroy(&loader.config);
	g_string_free(loader.complaints, TRUE);
	g_strfreev(loader.lines);
	return good;
}
