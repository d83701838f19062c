/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_request.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>

enum { MAX_DEPTH = 16 }; /* of a request: it needs one */

static const char *const commands[] = {
	[CONTROL_STATUS] = "status",
	[CONTROL_STATS] = "stats",
	[CONTROL_INTERFACES] = "interfaces",
	[CONTROL_COLLECTORS] = "collectors",
	[CONTROL_FLOWS] = "flows",
	[CONTROL_FLUSH] = "flush",
	[CONTROL_RELOAD] = "reload",
	NULL,
};

static const char *const sorts[] = {
	[CONTROL_BYTES] = "bytes",
	[CONTROL_PACKETS] = "packets",
	[CONTROL_LAST] = "last",
	NULL,
};

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool
refuse(GError **error, const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    message);
	return false;
}

/* The place of a member's text in NAMES; -1: it is no text, or not there. */
static int
find(JsonNode *node, const char *const *names)
{
	const char *text =
		JSON_NODE_HOLDS_VALUE(node) &&
				json_node_get_value_type(node) == G_TYPE_STRING
			? json_node_get_string(node)
			: NULL;

	for (int i = 0; text && names[i]; i++)
		if (strcmp(names[i], text) == 0)
			return i;
	return -1;
}

static bool
set_command(struct control_request *request, JsonNode *node, GError **error)
{
	const int command = find(node, commands);

	if (command < 0)
		return refuse(error, "unknown command");
	request->command = command;
	return true;
}

static bool
set_count(struct control_request *request, JsonNode *node, GError **error)
{
	gint64 count = 0;

	if (JSON_NODE_HOLDS_VALUE(node) &&
	    json_node_get_value_type(node) == G_TYPE_INT64)
		count = json_node_get_int(node);
	if (count < 1 || count > CONTROL_FLOWS_MAX)
		return refuse(error, "count must be a number from 1 to %d",
			      CONTROL_FLOWS_MAX);
	request->count = count;
	return true;
}

static bool
set_sort(struct control_request *request, JsonNode *node, GError **error)
{
	const int sort = find(node, sorts);

	if (sort < 0)
		return refuse(error, "sort must be bytes, packets or last");
	request->sort = sort;
	return true;
}

static const struct member {
	const char *name;
	bool (*set)(struct control_request *request, JsonNode *node,
		    GError **error);
	bool of_flows;
} members[] = {
	{ "command", set_command, false },
	{ "count", set_count, true },
	{ "sort", set_sort, true },
};

static const struct member *
find_member(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

static bool
set_all(struct control_request *request, JsonObject *object, GError **error)
{
	JsonObjectIter iter;
	const char *name;
	JsonNode *node;

	json_object_iter_init(&iter, object);
	while (json_object_iter_next(&iter, &name, &node)) {
		const struct member *member = find_member(name);

		if (!member ||
		    (member->of_flows && request->command != CONTROL_FLOWS))
			return refuse(error, "this command takes no such "
					     "argument");
		if (!member->set(request, node, error))
			return false;
	}
	return true;
}

static size_t
skip_blanks(const char *line, size_t len, size_t at)
{
	while (at < len && memchr(" \t\r", line[at], 3))
		at++;
	return at;
}

/*
 * Whether the line is one object and no more, as far as brackets tell.  Of
 * several values json-glib 1.6 forgets all but the last, and never frees them;
 * it also takes comments and other quotes, which JSON has not.
 */
static bool
is_one_object(const char *line, size_t len)
{
	size_t at = skip_blanks(line, len, 0);
	bool quoted = false;
	unsigned depth = 0;

	if (at == len || line[at] != '{')
		return false;
	for (; at < len; at++) {
		const char c = line[at];

		if (quoted && c == '\\')
			at++;
		else if (c == '"')
			quoted = !quoted;
		else if (quoted || g_ascii_isalnum(c))
			continue;
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		else if (!memchr(":,.+- \t\r", c, 8))
			return false;
		if (depth == 0 || depth > MAX_DEPTH)
			break;
	}
	return depth == 0 && at < len && skip_blanks(line, len, at + 1) == len;
}

/* NUL is no part of JSON, and the end of strings to the parser. */
static JsonObject *
parse_object(JsonParser *parser, const char *line, size_t len)
{
	JsonNode *root;

	if (memchr(line, '\0', len) || !g_utf8_validate(line, len, NULL) ||
	    !is_one_object(line, len) ||
	    !json_parser_load_from_data(parser, line, len, NULL))
		return NULL;
	root = json_parser_get_root(parser);
	return root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root)
						    : NULL;
}

bool
control_request_parse(struct control_request *request, const char *line,
		      size_t len, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	JsonObject *object = parse_object(parser, line, len);

	*request = (struct control_request){
		.count = CONTROL_FLOWS_DEFAULT,
	};
	if (!object)
		return refuse(error, "not a JSON object");
	if (!json_object_has_member(object, "command"))
		return refuse(error, "no command");
	/* First, for the others depend on it. */
	return set_command(request, json_object_get_member(object, "command"),
			   error) &&
	       set_all(request, object, error);
}
