/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "../tap.h"
#include "config_keys.h"

static void
change(const struct config_key *key, void *object)
{
	static const char *const others[] = { "other", NULL };
	void *at = (char *)object + key->offset;

	switch (key->type) {
	case KEY_BOOL:
		*(bool *)at ^= true;
		break;
	case KEY_UINT:
		++*(uint32_t *)at;
		break;
	case KEY_WORD:
		*(int *)at = !*(int *)at;
		break;
	case KEY_DURATION:
	case KEY_SIZE:
		++*(uint64_t *)at;
		break;
	case KEY_STRING:
		g_free(*(char **)at);
		*(char **)at = g_strdup(others[0]);
		break;
	case KEY_STRINGS:
		g_strfreev(*(char ***)at);
		*(char ***)at = g_strdupv((char **)others);
		break;
	}
}

/* Any key makes another collector of it; where it stands does not. */
static void
test_same(void)
{
	struct collector *one = collector_new(), *other;

	for (const struct config_key *key = collector_keys; key->name; key++) {
		other = collector_new();
		g_assert_true(collector_same(one, other));
		change(key, other);
		if (collector_same(one, other))
			g_error("%s makes no difference", key->name);
		collector_unref(other);
	}
	other = collector_new();
	other->origin = g_strdup("file:7");
	other->goes_on = true;
	g_assert_true(collector_same(one, other));
	collector_unref(other);
	collector_unref(one);
}

static void
note(const char *key, void *to)
{
	g_string_append_printf(to, "%s ", key);
}

static void
expect_kept(struct config *config, const struct config *force,
	    const char *expected)
{
	g_autoptr(GString) told = g_string_new(NULL);

	config_keep(config, force, note, told);
	g_assert_cmpstr(told->str, ==, expected);
}

/* What takes a restart is told and put back; the rest is left alone. */
static void
test_keep(void)
{
	const char *restart = "flows.max flows.overflow flows.precise_times "
			      "sampling control.socket metrics.listen user ";
	struct config *force = config_new(), *config;

	for (const struct config_key *key = config_keys; key->name; key++) {
		g_autofree char *name = g_strconcat(key->name, " ", NULL);
		bool kept = strstr(restart, name);

		config = config_new();
		change(key, config);
		g_assert_false(key_same(key, config, force));
		expect_kept(config, force, kept ? name : "");
		g_assert_true(key_same(key, config, force) == kept);
		config_free(config);
	}
	config = config_new();
	for (const struct config_key *key = config_keys; key->name; key++)
		change(key, config);
	expect_kept(config, force, restart);
	g_assert_cmpstr(config->user, ==, CONFIG_DEFAULT_USER);
	g_assert_true(config->user != force->user);
	g_assert_cmpstr(config->agent_ip, ==, "other");
	config_free(config);
	config_free(force);
}

/* Whether flags matter is fixed; after how long they do is not. */
static void
test_zero(void)
{
	struct config *force = config_new(), *config = config_new();

	config->tcp_end_ns = 0;
	expect_kept(config, force, "flows.tcp_end ");
	g_assert_cmpuint(config->tcp_end_ns, ==, force->tcp_end_ns);
	config->tcp_end_ns = 1;
	expect_kept(config, force, "");
	g_assert_cmpuint(config->tcp_end_ns, ==, 1);
	force->tcp_end_ns = 0;
	expect_kept(config, force, "flows.tcp_end ");
	g_assert_cmpuint(config->tcp_end_ns, ==, 0);
	expect_kept(config, force, "");
	config_free(config);
	config_free(force);
}

/* Each kind of key, of which not all take a restart. */
static void
test_copy(void)
{
	struct config *one = config_new(), *other = config_new();

	for (const struct config_key *key = config_keys; key->name; key++) {
		change(key, other);
		key_copy(key, one, other);
		g_assert_true(key_same(key, one, other));
	}
	config_free(other);
	g_assert_cmpstr(one->include[0], ==, "other");
	config_free(one);
}

/* Who holds a collector has it for longer than its configuration. */
static void
test_ref(void)
{
	struct config *config = config_new();
	struct collector *collector;

	g_assert_true(config_add_collector_url(
		config, "ipfix+udp://192.0.2.1?name=x", NULL));
	collector = collector_ref(config->collectors->pdata[0]);
	config_free(config);
	g_assert_cmpstr(collector->name, ==, "x");
	collector_unref(collector);
}

static void
add_tests(void)
{
	g_test_add_func("/config-change/same", test_same);
	g_test_add_func("/config-change/keep", test_keep);
	g_test_add_func("/config-change/zero", test_zero);
	g_test_add_func("/config-change/copy", test_copy);
	g_test_add_func("/config-change/ref", test_ref);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add_tests);
}
