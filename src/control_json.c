/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_json.h"

JsonBuilder *
json_begin(void)
{
	JsonBuilder *builder = json_builder_new_immutable();

	json_builder_begin_object(builder);
	return builder;
}

void
json_end(JsonBuilder *builder, GString *text)
{
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = NULL;

	json_builder_end_object(builder);
	root = json_builder_get_root(builder);
	json_generator_set_root(generator, root);
	json_generator_to_gstring(generator, text);
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
