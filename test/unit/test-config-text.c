/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Defaults, and values as text. */
#include <string.h>

#include "../configured.h"
#include "../tap.h"

static void
test_defaults(void)
{
	struct config *config = config_new();

	g_assert_cmpstr(config->include[0], ==, "*");
	g_assert_cmpstr(config->exclude[0], ==, "lo");
	g_assert_cmpint(config->directions, ==, DIRECTIONS_BOTH);
	g_assert_cmpint(config->attach, ==, ATTACH_AUTO);
	g_assert_cmpuint(config->flows_max, ==, 131072);
	g_assert_cmpuint(config->active_timeout_ns, ==, 60 * CLOCK_SECOND_NS);
	g_assert_cmpuint(config->idle_timeout_ns, ==, 15 * CLOCK_SECOND_NS);
	g_assert_cmpuint(config->scan_interval_ns, ==, CLOCK_SECOND_NS);
	g_assert_false(config->precise_times);
	g_assert_cmpuint(config->sampling, ==, 1);
	g_assert_cmpuint(config->domain, ==, 1);
	g_assert_cmpuint(config->collectors->len, ==, 0);
	config_free(config);
}

static void
each_key(const char *key, const char *type, const char *value, const char *help,
	 void *to)
{
	const char *dot = strchr(key, '.');
	g_autofree char *line =
		dot ? g_strdup_printf("  %s = %s;\n", dot + 1, value)
		    : g_strdup_printf("%s = %s;\n", key, value);
	bool identity = strcmp(key, "collectors.host") == 0 ||
			strcmp(key, "collectors.name") == 0;

	g_assert_cmpuint(strlen(type), >, 0);
	g_assert_cmpuint(strlen(help), >, 0);
	if (!identity && !strstr(to, line))
		g_error("%s is not dumped as%s", key, line);
}

/* The table writes defaults as the dump does: documents rely on it. */
static void
test_defaults_dumped(void)
{
	struct config *config = config_new();

	g_assert_true(config_add_collector_url(config, "ipfix+udp://192.0.2.1",
					       NULL));
	g_autofree char *text = configured_dump(config);
	config_each_key(each_key, text);
	config_free(config);
}

static void
test_odd_strings(void)
{
	static const char glob[] = "\x01\n\t\"quoted\" \\ \x7f"
				   "f \xc3\xa9 #//";
	struct config *config = config_new();

	g_free(config->include[0]);
	config->include[0] = g_strdup(glob);
	g_autofree char *text = configured_dump(config);
	struct config *again = configured_text(text);
	g_assert_cmpstr(again->include[0], ==, glob);
	config_free(again);
	config_free(config);
}

static void
test_duration(void)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		/* clang-format off */
		{"0", 0}, {"0.5", 500 * CONFIGURED_MS}, {".5", 500 * CONFIGURED_MS},
		{"0.1", 100 * CONFIGURED_MS}, {"500ms", 500 * CONFIGURED_MS}, {"1.5s", 1500 * CONFIGURED_MS},
		{"2m", 120000 * CONFIGURED_MS}, {"1h", 3600000 * CONFIGURED_MS},
		{"86399.999999999", 86399999999999},
		/* clang-format on */
	};
	static const char *const bad[] = {
		"",    "s",  "-1", "+1",   "inf",   "nan", "0x10",
		"1 s", " 1", "1d", "1sec", "1e300", ".",   "9223372037",
	};
	uint64_t ns;

	for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
		g_assert_true(config_duration(good[i].text, &ns));
		g_assert_cmpuint(ns, ==, good[i].ns);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		if (config_duration(bad[i], &ns))
			g_error("accepted: \"%s\"", bad[i]);
}

static void
add(void)
{
	g_test_add_func("/config/defaults", test_defaults);
	g_test_add_func("/config/defaults-dumped", test_defaults_dumped);
	g_test_add_func("/config/odd-strings", test_odd_strings);
	g_test_add_func("/config/duration", test_duration);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
