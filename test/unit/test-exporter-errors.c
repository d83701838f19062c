/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "../tap.h"
#include "clock.h"
#include "exporter.h"

static char *dir; /* of template sets */

static const struct collector good = {
	.origin = (char *)"flow.conf:12",
	.name = (char *)"main",
	.host = (char *)"127.0.0.1",
	.protocol = (char *)"ipfix",
	.transport = (char *)"udp",
	.template_set = (char *)"small",
	.source = (char *)"",
	.mtu = 1400,
	.template_refresh_ns = 600 * CLOCK_SECOND_NS,
	.template_refresh_packets = 4096,
	.queue = 65536,
};

/* CHECKED: exporter_check() finds it as well. */
static void
check_error(const struct collector *collector, bool checked,
	    const char *expected)
{
	const char *const dirs[] = { dir, NULL };
	g_autofree char *prefixed =
		g_strconcat("flow.conf:12: collector main: ", expected, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) again = NULL;

	g_assert_null(exporter_new(collector, 1, dirs, true, &error));
	if (!g_str_has_prefix(error->message, prefixed))
		g_assert_cmpstr(error->message, ==, prefixed);
	g_assert_cmpint(exporter_check(collector, 1, dirs, &again), ==,
			!checked);
	if (checked)
		g_assert_cmpstr(again->message, ==, error->message);
}

static void
test_none(void)
{
	const char *const dirs[] = { dir, NULL };
	g_autoptr(GError) error = NULL;

	g_assert_true(exporter_check(&good, 1, dirs, &error));
	g_assert_no_error(error);
}

static void
test_protocol(void)
{
	struct collector collector = good;

	collector.protocol = (char *)"morse";
	check_error(&collector, true, "unknown protocol \"morse\"");
}

static void
test_transport(void)
{
	struct collector collector = good;

	collector.transport = (char *)"pigeon";
	check_error(&collector, true, "unknown transport \"pigeon\"");
}

/* Messages of ntopng's are two frames, others' are none. */
static void
test_frames(void)
{
	struct collector collector = good;

	collector.protocol = (char *)"ntopng";
	check_error(&collector, true, "ntopng does not go over udp");
	collector = good;
	collector.transport = (char *)"zmq";
	check_error(&collector, true, "ipfix does not go over zmq");
}

static void
test_template(void)
{
	struct collector collector = good;
	g_autofree char *line = g_strconcat(dir, "/wrong.conf:2: ", NULL);

	collector.template_set = (char *)"absent";
	check_error(&collector, true, "template set \"absent\": ");
	collector.template_set = (char *)"wrong";
	check_error(&collector, true, line);
}

/* The encoder's own complaint. */
static void
test_mtu(void)
{
	struct collector collector = good;

	collector.mtu = 20;
	check_error(&collector, true, "");
}

static void
test_host(void)
{
	struct collector collector = good;

	collector.host = (char *)"nonexistent.invalid";
	check_error(&collector, false, "cannot resolve nonexistent.invalid: ");
	collector.host = (char *)"127.0.0.1";
	collector.source = (char *)"192.0.2.99";
	check_error(&collector, false, "cannot send from 192.0.2.99: ");
}

const char *__asan_default_options(void);

/* That is how it is without. */
const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void
test_queue(void)
{
	struct collector collector = good;

	collector.queue = 1ULL << 60;
	check_error(&collector, false, "queue: there is no memory for ");
}

static void
add(void)
{
	g_test_add_func("/exporter/errors/none", test_none);
	g_test_add_func("/exporter/errors/protocol", test_protocol);
	g_test_add_func("/exporter/errors/transport", test_transport);
	g_test_add_func("/exporter/errors/frames", test_frames);
	g_test_add_func("/exporter/errors/template", test_template);
	g_test_add_func("/exporter/errors/mtu", test_mtu);
	g_test_add_func("/exporter/errors/host", test_host);
	g_test_add_func("/exporter/errors/queue", test_queue);
}

int
main(int argc, char **argv)
{
	g_autofree char *small = NULL, *wrong = NULL;
	int status;

	dir = g_dir_make_tmp("test-exporter-XXXXXX", NULL);
	small = g_build_filename(dir, "small.conf", NULL);
	wrong = g_build_filename(dir, "wrong.conf", NULL);
	g_file_set_contents(small, "ipv4 = [ \"octetDeltaCount\" ];\n", -1,
			    NULL);
	g_file_set_contents(wrong, "ipv4 =\n[ \"nonsense\" ];\n", -1, NULL);
	status = tap_main(argc, argv, add);
	g_unlink(small);
	g_unlink(wrong);
	g_rmdir(dir);
	g_free(dir);
	return status;
}
