/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_json.h"

#include "json.h"

JsonBuilder *
json_begin(void)
{
	JsonBuilder *builder = json_builder_new_immutable();

	json_builder_begin_object(builder);
	return builder;
}

/* json-glib leaves U+001F as it is, which no reader must take, and whatever
 * else a terminal obeys; outside strings there is neither. */
static void
append_escaped(GString *text, const char *json)
{
	char escaped[JSON_ESCAPE_SIZE];

	for (; *json; json = g_utf8_next_char(json)) {
		gunichar c = g_utf8_get_char(json);

		if (g_unichar_isprint(c)) {
			g_string_append_unichar(text, c);
			continue;
		}
		json_escape(escaped, c);
		g_string_append(text, escaped);
	}
}

void
json_end(JsonBuilder *builder, GString *text)
{
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = NULL;
	g_autofree char *json = NULL;

	json_builder_end_object(builder);
	root = json_builder_get_root(builder);
	json_generator_set_root(generator, root);
	json = json_generator_to_data(generator, NULL);
	append_escaped(text, json);
	g_object_unref(builder);
}

void
json_add_int(JsonBuilder *builder, const char *name, uint64_t value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_int_value(builder, value);
}

void
json_add_double(JsonBuilder *builder, const char *name, double value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_double_value(builder, value);
}

void
json_add_string(JsonBuilder *builder, const char *name, const char *value)
{
	g_autofree char *valid = value ? g_utf8_make_valid(value, -1) : NULL;

	json_builder_set_member_name(builder, name);
	if (valid)
		json_builder_add_string_value(builder, valid);
	else
		json_builder_add_null_value(builder);
}
