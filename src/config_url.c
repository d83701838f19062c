/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "config_keys.h"

struct url {
	struct collector *collector;
	uint32_t given; /* rows of collector_keys, as bits */
};

/* What is wrong, or NULL. */
static char *
set(struct url *url, const char *name, const char *text)
{
	const struct config_key *key =
		key_find(collector_keys, COLLECTORS, name);

	if (!key)
		return g_strdup_printf("unknown key %s", name);
	uint32_t bit = 1u << (key - collector_keys);
	if (url->given & bit)
		return g_strdup_printf("%s: given twice", name);
	url->given |= bit;
	if (key_parse(key, text, url->collector))
		return NULL;
	g_autofree char *expected = key_expected(key);
	return g_strdup_printf("%s: must be %s, not \"%s\"", name, expected,
			       text);
}

static char *
set_scheme(struct url *url, const char *scheme)
{
	g_auto(GStrv) words = g_strsplit(scheme ? scheme : "", "+", 2);

	if (g_strv_length(words) != 2 || !*words[0] || !*words[1])
		return g_strdup("does not begin with PROTOCOL+TRANSPORT://");
	char *wrong = set(url, "protocol", words[0]);
	return wrong ? wrong : set(url, "transport", words[1]);
}

static char *
set_address(struct url *url, const char *host, int port)
{
	if (!host || !*host)
		return g_strdup("no host");
	if (port == 0)
		return g_strdup("port: must not be 0");
	char *wrong = set(url, "host", host);
	if (wrong || port < 0)
		return wrong;
	g_autofree char *text = g_strdup_printf("%d", port);
	return set(url, "port", text);
}

/* A file has a path where others have host and port. */
static bool
is_file(const struct url *url)
{
	return strcmp(url->collector->transport, "file") == 0;
}

static char *
only(const struct url *url)
{
	return g_strdup_printf("only %s[?key=value&...] may follow the //",
			       is_file(url) ? "/PATH" : "HOST[:PORT]");
}

static char *
set_target(struct url *url, const char *host, int port, const char *path)
{
	char *wrong;

	if (is_file(url))
		return (host && *host) || port >= 0 || *path != '/'
			       ? only(url)
			       : set(url, "host", path);
	wrong = set_address(url, host, port);
	return !wrong && *path ? only(url) : wrong;
}

static char *
set_query(struct url *url, const char *query)
{
	GUriParamsIter iter;
	g_autoptr(GError) error = NULL;
	char *wrong = NULL;
	char *name, *value;

	g_uri_params_iter_init(&iter, query ? query : "", -1, "&",
			       G_URI_PARAMS_NONE);
	while (!wrong && g_uri_params_iter_next(&iter, &name, &value, &error)) {
		wrong = set(url, name, value);
		g_free(name);
		g_free(value);
	}
	return error ? g_strdup(error->message) : wrong;
}

static char *
set_all(struct url *url, const char *text)
{
	g_autofree char *scheme = NULL, *user = NULL, *host = NULL;
	g_autofree char *path = NULL, *query = NULL, *fragment = NULL;
	g_autoptr(GError) error = NULL;
	int port;

	if (!g_uri_split(text, G_URI_FLAGS_ENCODED_QUERY, &scheme, &user, &host,
			 &port, &path, &query, &fragment, &error))
		return g_strdup(error->message);
	char *wrong = set_scheme(url, scheme);
	if (!wrong)
		wrong = set_target(url, host, port, path);
	if (!wrong && (user || fragment))
		wrong = only(url);
	return wrong ? wrong : set_query(url, query);
}

bool
config_add_collector_url(struct config *config, const char *url, GError **error)
{
	struct url parsed = { .collector = collector_new() };

	parsed.collector->origin = g_strdup("--collector");
	g_autofree char *wrong = set_all(&parsed, url);
	if (!wrong)
		wrong = config_take_collector(config, parsed.collector);
	if (!wrong)
		return true;
	collector_unref(parsed.collector);
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "--collector %s: %s", url, wrong);
	return false;
}

GSocketAddress *
config_listen(const char *text)
{
	const char *colon = strrchr(text, ':');
	g_autofree char *host = NULL;
	guint64 port;
	size_t len;

	if (!colon || !g_ascii_isdigit(colon[1]) ||
	    !g_ascii_string_to_unsigned(colon + 1, 10, 1, UINT16_MAX, &port,
					NULL))
		return NULL;
	host = g_strndup(text, (gsize)(colon - text));
	len = strlen(host);
	if (!strchr(host, ':'))
		return g_inet_socket_address_new_from_string(host, (guint)port);
	if (host[0] != '[' || host[len - 1] != ']')
		return NULL;
	host[len - 1] = '\0';
	return g_inet_socket_address_new_from_string(host + 1, (guint)port);
}
