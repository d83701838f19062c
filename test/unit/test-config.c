/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../configured.h"
#include "../tap.h"

static void
test_bad_file(const void *data)
{
	g_autofree char *name = g_strconcat(data, ".conf", NULL);
	g_autofree char *err = g_strconcat(data, ".err", NULL);
	g_autofree char *expected = NULL;
	struct config *config;

	g_assert_true(g_file_get_contents(err, &expected, NULL, NULL));
	g_autofree char *wrong = configured_load(name, &config);
	g_assert_cmpstr(wrong, ==, g_strchomp(expected));
}

static void
test_good_file(const void *data)
{
	g_autofree char *name = g_strconcat(data, ".conf", NULL);
	struct config *config = configured_good(name);
	g_autofree char *once = configured_dump(config);
	struct config *again = configured_text(once);
	g_autofree char *twice = configured_dump(again);

	g_assert_cmpstr(once, ==, twice);
	config_free(config);
	config_free(again);
}

static void
check_delivery(const struct collector *collector)
{
	g_assert_cmpuint(collector->queue, ==, 3 << 19);
	g_assert_cmpuint(collector->rate, ==, 100);
	g_assert_cmpuint(collector->reconnect_ns, ==, 5000 * CONFIGURED_MS);
	g_assert_cmpuint(collector->connect_timeout_ns, ==,
			 1500 * CONFIGURED_MS);
	g_assert_cmpuint(collector->tcp_keepalive_ns, ==, 0);
	g_assert_cmpuint(collector->sctp_ttl_ns, ==, 2000 * CONFIGURED_MS);
	g_assert_cmpstr(collector->group, ==, "all");
	g_assert_cmpint(collector->mode, ==, COLLECTOR_BALANCE);
	g_assert_cmpuint(collector->hold_down_ns, ==, 60000 * CONFIGURED_MS);
}

static void
test_every_key(void)
{
	struct config *config = configured_good("every-key.conf");
	const struct collector *collector = config->collectors->pdata[0];

	g_assert_cmpstr(config->include[0], ==, "eth*");
	g_assert_cmpstr(config->include[1], ==, "br-\"quoted\"\\");
	g_assert_null(config->include[2]);
	g_assert_null(config->exclude[0]);
	g_assert_cmpint(config->directions, ==, DIRECTIONS_EGRESS);
	g_assert_cmpint(config->attach, ==, ATTACH_TC);
	g_assert_cmpuint(config->flows_max, ==, 65536);
	g_assert_cmpuint(config->active_timeout_ns, ==, 300 * CLOCK_SECOND_NS);
	g_assert_cmpuint(config->idle_timeout_ns, ==, 500 * CONFIGURED_MS);
	g_assert_cmpuint(config->tcp_end_ns, ==, 1500 * CONFIGURED_MS);
	g_assert_cmpuint(config->overflow, ==, 1 << 20);
	g_assert_cmpuint(config->scan_interval_ns, ==, 250 * CONFIGURED_MS);
	g_assert_true(config->precise_times);
	g_assert_cmpuint(config->sampling, ==, 1000);
	g_assert_cmpint(config->dedupe_mode, ==, CONFIG_DEDUPE_MARK);
	g_assert_cmpuint(config->dedupe_expire_ns, ==, 10 * CLOCK_SECOND_NS);
	g_assert_cmpuint(config->domain, ==, UINT32_MAX);
	g_assert_cmpstr(config->agent_ip, ==, "%eth0");
	g_assert_cmpstr(config->metrics_listen, ==, "[::1]:9995");
	g_assert_cmpstr(config->control_socket, ==, "/tmp/control");

	g_assert_cmpuint(config->collectors->len, ==, 3);
	g_assert_cmpstr(collector->origin, ==, "every-key.conf:21");
	g_assert_cmpstr(collector->name, ==, "main");
	g_assert_cmpstr(collector->host, ==, "192.0.2.10");
	g_assert_cmpuint(collector->port, ==, 2055);
	g_assert_cmpstr(collector->protocol, ==, "ipfix");
	g_assert_cmpstr(collector->transport, ==, "udp");
	g_assert_cmpstr(collector->template_set, ==, "minimal");
	g_assert_cmpuint(collector->mtu, ==, 512);
	g_assert_cmpuint(collector->template_refresh_ns, ==, 0);
	g_assert_false(collector->zmq_bind);
	g_assert_cmpstr(collector->zmq_server_key, ==,
			"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7");
	g_assert_cmpuint(collector->zmq_hwm, ==, 50);
	g_assert_cmpuint(collector->ntopng_header, ==, 1);
	g_assert_true(collector->ntopng_compress);
	g_assert_cmpuint(collector->template_refresh_packets, ==, 2147483648);
	g_assert_cmpstr(collector->source, ==, "192.0.2.1");
	check_delivery(collector);
	collector = config->collectors->pdata[1];
	g_assert_cmpstr(collector->name, ==, "[2001:db8::1]:4739");
	g_assert_cmpuint(collector->template_refresh_ns, ==,
			 600 * CLOCK_SECOND_NS);
	collector = config->collectors->pdata[2];
	g_assert_cmpstr(collector->name, ==, "collector.example");
	g_assert_cmpuint(collector->port, ==, 0);
	config_free(config);
}

static void
test_number_kinds(void)
{
	struct config *config = configured_good("number-kinds.conf");

	g_assert_cmpuint(config->flows_max, ==, 32);
	g_assert_cmpuint(config->active_timeout_ns, ==, 60500 * CONFIGURED_MS);
	g_assert_cmpuint(config->idle_timeout_ns, ==, 1800 * CLOCK_SECOND_NS);
	g_assert_cmpuint(config->scan_interval_ns, ==, CLOCK_SECOND_NS);
	g_assert_cmpuint(config->domain, ==, 0xC0A80101);
	g_assert_cmpstr(config->include[0], ==, "99999999999");
	g_assert_cmpstr(config->include[1], ==, "twogether");
	config_free(config);
}

/* Included files are looked for beside the file, not where we were started. */
static void
test_include(void)
{
	g_autofree char *path = g_test_build_filename(
		G_TEST_DIST, "test", "data", "config", "include.conf", NULL);
	g_autofree char *here = g_get_current_dir();

	g_assert_cmpint(chdir("/"), ==, 0);
	struct config *config = configured_good(path);
	g_assert_cmpint(chdir(here), ==, 0);
	g_assert_cmpuint(config->flows_max, ==, 1024);
	config_free(config);
}

static void
test_unreadable(void)
{
	struct config *config;
	g_autofree char *missing =
		configured_load("no-such-file.conf", &config);
	g_autofree char *directory = configured_load(".", &config);

	g_assert_cmpstr(missing, ==,
			"no-such-file.conf: No such file or directory");
	g_assert_cmpstr(directory, ==, ".: Is a directory");
}

static void
test_pipe(void)
{
	static const char text[] = "flows = { max = 16; };";
	int ends[2];

	g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
	g_assert_cmpint(write(ends[1], text, strlen(text)), ==, strlen(text));
	close(ends[1]);
	g_autofree char *path = g_strdup_printf("/dev/fd/%d", ends[0]);
	struct config *config = configured_good(path);
	close(ends[0]);
	g_assert_cmpuint(config->flows_max, ==, 16);
	config_free(config);
}

/* NAME.conf is bad if there is a NAME.err: exactly what is to be said of it. */
static void
add_files(void)
{
	g_autofree char *dir = g_test_build_filename(G_TEST_DIST, "test",
						     "data", "config", NULL);
	const char *file;

	g_assert_cmpint(chdir(dir), ==, 0);
	g_autoptr(GDir) files = g_dir_open(".", 0, NULL);
	g_assert_nonnull(files);
	while ((file = g_dir_read_name(files))) {
		if (!g_str_has_suffix(file, ".conf"))
			continue;
		char *name = g_strndup(file, strlen(file) - strlen(".conf"));
		g_autofree char *err = g_strconcat(name, ".err", NULL);
		bool bad = g_file_test(err, G_FILE_TEST_EXISTS);
		g_autofree char *path = g_strconcat(
			bad ? "/config/bad/" : "/config/good/", name, NULL);

		g_test_add_data_func_full(path, name,
					  bad ? test_bad_file : test_good_file,
					  g_free);
	}
}

static void
add(void)
{
	add_files();
	g_test_add_func("/config/every-key", test_every_key);
	g_test_add_func("/config/number-kinds", test_number_kinds);
	g_test_add_func("/config/include", test_include);
	g_test_add_func("/config/unreadable", test_unreadable);
	g_test_add_func("/config/pipe", test_pipe);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
