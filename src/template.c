/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gio/gio.h>
#include <string.h>

#include "template_parse.h"

/* The text of the first of DIRS' files NAME.conf, its path in *PATH. */
static char *
find_text(const char *name, const char *const *dirs, char **path,
	  GError **error)
{
	g_autofree char *file = g_strconcat(name, ".conf", NULL);
	g_autofree char *looked_in = g_strjoinv(", ", (char **)dirs);

	for (; *dirs; dirs++) {
		g_autofree char *found = g_build_filename(*dirs, file, NULL);
		g_autoptr(GError) failure = NULL;
		char *text;

		if (g_file_get_contents(found, &text, NULL, &failure)) {
			*path = g_steal_pointer(&found);
			return text;
		}
		if (!g_error_matches(failure, G_FILE_ERROR,
				     G_FILE_ERROR_NOENT)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return NULL;
		}
	}
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
		    "template set \"%s\": no %s in %s", name, file, looked_in);
	return NULL;
}

struct template_set *
template_set_load(const char *name, const char *const *dirs, GError **error)
{
	g_autofree char *text = NULL;
	struct template_set *set;
	char *path;

	if (*name == '\0' || strchr(name, '/')) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME,
			    "template set \"%s\": not a plain file name", name);
		return NULL;
	}
	text = find_text(name, dirs, &path, error);
	if (!text)
		return NULL;
	set = g_new0(struct template_set, 1);
	set->name = g_strdup(name);
	set->path = path;
	if (!template_parse(set, text, error)) {
		template_set_free(set);
		return NULL;
	}
	return set;
}

void
template_set_free(struct template_set *set)
{
	if (!set)
		return;
	for (int i = 0; i < TEMPLATE_N; i++)
		g_free(set->all[i].fields);
	g_free(set->name);
	g_free(set->path);
	g_free(set);
}

static bool
same(const struct template *one, const struct template *other)
{
	if (one->n_fields != other->n_fields || one->n_scope != other->n_scope)
		return false;
	for (size_t i = 0; i < one->n_fields; i++)
		if (one->fields[i].field != other->fields[i].field ||
		    one->fields[i].length != other->fields[i].length)
			return false;
	return true;
}

bool
template_set_same(const struct template_set *one,
		  const struct template_set *other)
{
	for (int i = 0; i < TEMPLATE_N_LISTS; i++)
		if (!same(&one->family[i], &other->family[i]))
			return false;
	for (int i = 0; i < OPTIONS_N; i++)
		if (!same(&one->options[i], &other->options[i]))
			return false;
	return one->netflow9_extended == other->netflow9_extended;
}

bool
template_set_has_extremes(const struct template_set *set)
{
	for (int i = 0; i < TEMPLATE_N_FAMILIES; i++)
		for (size_t j = 0; j < set->family[i].n_fields; j++)
			if (field_is_extreme(set->family[i].fields[j].field))
				return true;
	return false;
}

const char *
template_label(int i)
{
	static const char *const families[] = { "IPv4", "IPv6", "other",
						"IPv4 biflow", "IPv6 biflow" };

	return i < TEMPLATE_N_FAMILIES
		       ? families[i]
		       : options_tables[i - TEMPLATE_N_FAMILIES].name;
}

static bool
is_key(const struct field *field)
{
	return field->from == FIELD_FROM_RECORD &&
	       field->offset < sizeof(struct flow_key);
}

uint64_t
template_keys(const struct template *template)
{
	uint64_t keys = 0;

	G_STATIC_ASSERT(offsetof(struct record, key) == 0);
	for (size_t i = 0; i < MIN(template->n_fields, 64); i++) {
		if (is_key(template->fields[i].field))
			keys |= 1ULL << i;
	}
	return keys;
}
