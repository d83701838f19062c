/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "../tap.h"
#include "clock.h"
#include "config.h"

static void
test_url(void)
{
	struct config *config = config_new();
	GError *error = NULL;

	config_add_collector_url(
		config,
		"ipfix+udp://[2001:db8::1]:2055?name=a%20b%26c&mtu=512"
		"&template=minimal&template_refresh=5m&source=%3A%3A1",
		&error);
	g_assert_no_error(error);
	config_add_collector_url(config, "json+tcp://example.net", &error);
	g_assert_no_error(error);
	config_add_collector_url(config, "ipfix+udp://[fe80::1%25eth0]",
				 &error);
	g_assert_no_error(error);

	const struct collector *collector = config->collectors->pdata[0];
	g_assert_cmpstr(collector->origin, ==, "--collector");
	g_assert_cmpstr(collector->name, ==, "a b&c");
	g_assert_cmpstr(collector->host, ==, "2001:db8::1");
	g_assert_cmpuint(collector->port, ==, 2055);
	g_assert_cmpuint(collector->mtu, ==, 512);
	g_assert_cmpstr(collector->template_set, ==, "minimal");
	g_assert_cmpuint(collector->template_refresh_ns, ==,
			 300 * CLOCK_SECOND_NS);
	g_assert_cmpstr(collector->source, ==, "::1");
	collector = config->collectors->pdata[1];
	g_assert_cmpstr(collector->protocol, ==, "json");
	g_assert_cmpstr(collector->transport, ==, "tcp");
	g_assert_cmpstr(collector->name, ==, "example.net");
	g_assert_cmpuint(collector->port, ==, 0);
	collector = config->collectors->pdata[2];
	g_assert_cmpstr(collector->host, ==, "fe80::1%eth0");
	g_assert_cmpstr(collector->name, ==, "[fe80::1%eth0]");
	config_free(config);
}

static void
test_file(void)
{
	struct config *config = config_new();
	const struct collector *collector;
	GError *error = NULL;

	config_add_collector_url(
		config, "ipfix+file:///tmp/12:00%20a%3fb?mtu=512", &error);
	g_assert_no_error(error);
	collector = config->collectors->pdata[0];
	g_assert_cmpstr(collector->protocol, ==, "ipfix");
	g_assert_cmpstr(collector->transport, ==, "file");
	g_assert_cmpstr(collector->host, ==, "/tmp/12:00 a?b");
	g_assert_cmpstr(collector->name, ==, "/tmp/12:00 a?b");
	g_assert_cmpuint(collector->port, ==, 0);
	g_assert_cmpuint(collector->mtu, ==, 512);
	config_free(config);
}

/* Each with a word that its complaint must hold. */
static const char *const bad_urls[][2] = {
	{"", "PROTOCOL+TRANSPORT://"},
	{"192.0.2.1:4739", "PROTOCOL+TRANSPORT://"},
	{"udp://192.0.2.1", "PROTOCOL+TRANSPORT://"},
	{"ipfix+://192.0.2.1", "PROTOCOL+TRANSPORT://"},
	{"ipfix+udp:192.0.2.1", "no host"},
	{"ipfix+udp://", "no host"},
	{"ipfix+udp://:4739", "no host"},
	{"ipfix+udp://192.0.2.1:0", "port"},
	{"ipfix+udp://192.0.2.1:65536", "65536"},
	{"ipfix+udp://192.0.2.1:ipfix", "ipfix"},
	{"ipfix+udp://[2001:db8::1", "[2001:db8::1"},
	{"ipfix+udp://192.0.2.1/path", "may follow the //"},
	{"ipfix+udp://me@192.0.2.1", "may follow the //"},
	{"ipfix+udp://192.0.2.1#here", "may follow the //"},
	{"ipfix+file://", "only /PATH"},
	{"ipfix+file:out.ipfix", "only /PATH"},
	{"ipfix+file://out.ipfix", "only /PATH"},
	{"ipfix+file://host/out.ipfix", "only /PATH"},
	{"ipfix+file://:4739/out.ipfix", "only /PATH"},
	{"ipfix+file://me@/out.ipfix", "only /PATH"},
	{"ipfix+file:///out.ipfix#here", "only /PATH"},
	{"ipfix+file:///out.ipfix?host=b", "host: given twice"},
	{"ipfix+udp://192.0.2.1?mtu=12",
	 "mtu: must be \"auto\" or a whole number from 128"},
	{"ipfix+udp://192.0.2.1?mtu=", "mtu: must be \"auto\" or a whole number from 128"},
	{"ipfix+udp://192.0.2.1?mtu", "parameter value"},
	{"ipfix+udp://192.0.2.1?mtu=512&mtu=512", "mtu: given twice"},
	{"ipfix+udp://192.0.2.1?host=b", "host: given twice"},
	{"ipfix+udp://192.0.2.1?size=512", "unknown key size"},
	{"ipfix+udp://192.0.2.1?name=%zz", "encod"},
	{"ipfix+udp://192.0.2.1?name=taken", "\"taken\" is also the one at"},
};

static void
test_bad_urls(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(bad_urls); i++) {
		struct config *config = config_new();
		const char *url = bad_urls[i][0];
		g_autofree char *prefix =
			g_strconcat("--collector ", url, ": ", NULL);
		g_autoptr(GError) error = NULL;

		g_assert_true(config_add_collector_url(
			config, "ipfix+udp://192.0.2.9?name=taken", NULL));
		if (config_add_collector_url(config, url, &error))
			g_error("accepted: %s", url);
		g_test_message("%s", error->message);
		g_assert_true(g_str_has_prefix(error->message, prefix));
		const char *why = error->message + strlen(prefix);
		if (!strstr(why, bad_urls[i][1]))
			g_error("%s does not say \"%s\"", why, bad_urls[i][1]);
		g_assert_cmpuint(config->collectors->len, ==, 1);
		config_free(config);
	}
}

/* clang-format off */
static const struct {
	const char *text, *address; /* NULL: none */
	guint port;
} listens[] = {
	{ "127.0.0.1:9995", "127.0.0.1", 9995 },
	{ "0.0.0.0:1", "0.0.0.0", 1 },
	{ "[::1]:65535", "::1", 65535 },
	{ "[::]:80", "::", 80 },
	{ "" }, { "9995" }, { ":9995" }, { "127.0.0.1" }, { "127.0.0.1:" },
	{ "127.0.0.1:0" }, { "127.0.0.1:65536" }, { "127.0.0.1:+1" },
	{ "127.0.0.1: 1" }, { "127.0.0.1:1x" }, { "127.1:9995" },
	{ "[127.0.0.1]:9995" }, { "localhost:9995" }, { "::1:9995" },
	{ "[::1:9995" }, { "::1]:9995" }, { "[]:9995" }, { "[:9995" },
};
/* clang-format on */

static void
test_listen(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(listens); i++) {
		g_autoptr(GSocketAddress) address =
			config_listen(listens[i].text);
		GInetSocketAddress *inet = (GInetSocketAddress *)address;
		g_autofree char *text = NULL;

		g_test_message("%s", listens[i].text);
		g_assert_true(!address == !listens[i].address);
		if (!address)
			continue;
		text = g_inet_address_to_string(
			g_inet_socket_address_get_address(inet));
		g_assert_cmpstr(text, ==, listens[i].address);
		g_assert_cmpuint(g_inet_socket_address_get_port(inet), ==,
				 listens[i].port);
	}
}

static void
add(void)
{
	g_test_add_func("/config-url/good", test_url);
	g_test_add_func("/config-url/file", test_file);
	g_test_add_func("/config-url/bad", test_bad_urls);
	g_test_add_func("/config-url/listen", test_listen);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
