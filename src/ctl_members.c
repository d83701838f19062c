/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "ctl_show.h"
#include "ctl_text.h"
#include "visible.h"

static JsonNode *
find(JsonObject *object, const char *name)
{
	return object ? json_object_get_member(object, name) : NULL;
}

double
show_number(JsonObject *object, const char *name)
{
	JsonNode *node = find(object, name);

	return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_double(node)
						   : 0;
}

const char *
show_string(JsonObject *object, const char *name)
{
	JsonNode *node = find(object, name);

	return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node)
						   : NULL;
}

JsonObject *
show_object(JsonObject *object, const char *name)
{
	JsonNode *node = find(object, name);

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node)
						    : NULL;
}

static JsonArray *
find_array(JsonObject *object, const char *name)
{
	JsonNode *node = find(object, name);

	return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node)
						   : NULL;
}

guint
show_length(JsonObject *object, const char *name)
{
	JsonArray *array = find_array(object, name);

	return array ? json_array_get_length(array) : 0;
}

JsonObject *
show_element(JsonObject *object, const char *name, guint i)
{
	JsonNode *node = json_array_get_element(find_array(object, name), i);

	return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

char *
show(ctl_show *command, JsonParser *parser)
{
	g_autoptr(GString) out = g_string_new(NULL);

	command(json_node_get_object(json_parser_get_root(parser)), out);
	return visible_lines(out->str);
}

char *
show_kind(JsonObject *collector)
{
	return g_strdup_printf("%s+%s",
			       show_string(collector, "protocol") ?: "-",
			       show_string(collector, "transport") ?: "-");
}

char *
show_address(JsonObject *collector)
{
	const char *host = show_string(collector, "host") ?: "-";
	guint port = show_number(collector, "port");

	if (!port || *host == '/')
		return g_strdup(host);
	return g_strdup_printf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host,
			       port);
}

char *
show_state(JsonObject *collector)
{
	g_autofree char *seconds =
		text_seconds(show_number(collector, "state_seconds"));

	return g_strdup_printf("%s for %s",
			       show_string(collector, "state") ?: "-", seconds);
}
