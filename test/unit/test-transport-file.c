/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gio/gio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../filer.h"
#include "../tap.h"

static void
test_order(void)
{
	struct filer f;

	filer_setup(&f);
	filer_assert_content(&f);
	filer_send_lost(&f, 'a', 1, 1);
	filer_assert_content(&f);
	filer_assert_stats(&f, 0, 0);
	g_assert_true(transport_file.busy(f.transport));

	filer_flush(&f);
	g_byte_array_append(f.expected, (const uint8_t *)"a", 1);
	filer_assert_content(&f);
	filer_send(&f, 'b', FILER_MTU, 2);
	filer_send(&f, 'c', 17, 1);
	filer_flush(&f);
	filer_assert_content(&f);
	filer_assert_stats(&f, 4, 0);
	g_assert_false(transport_file.busy(f.transport));
	filer_assert_logged(&f, "");
	filer_teardown(&f);
}

/* More than the buffer holds, and nobody flushes. */
static void
test_much(void)
{
	struct filer f;

	filer_setup(&f);
	for (int i = 0; i < 200; i++)
		filer_send(&f, i, FILER_MTU - i, 1);
	g_assert_cmpuint(f.stats.octets_sent, >=, f.expected->len - 65536);
	filer_flush(&f);
	filer_assert_content(&f);
	filer_assert_stats(&f, 200, 0);
	g_assert_cmpuint(f.stats.send_errors, ==, 0);
	filer_teardown(&f);
}

static void
test_replaced(void)
{
	mode_t mask = umask(0);
	struct stat st;
	struct filer f;

	filer_prepare(&f);
	filer_begin(&f, false);
	g_assert_cmpint(stat(f.path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 0640);
	umask(mask);
	filer_send_lost(&f, 'a', 100, 1);
	filer_flush(&f);
	transport_file.free(f.transport);

	f.stats = (struct transport_stats){ 0 };
	filer_begin(&f, false);
	filer_assert_content(&f);
	filer_send(&f, 'b', 10, 1);
	filer_flush(&f);
	filer_assert_content(&f);
	filer_teardown(&f);
}

/* Ours is followed; whose link it is that somebody else put there, we may not
 * know. */
static void
test_link(void)
{
	g_autoptr(GError) error = NULL;
	struct filer f;

	filer_prepare(&f);
	g_autofree char *link = g_build_filename(f.dir, "link", NULL);
	g_assert_no_errno(symlink(f.path, link));
	f.transport = filer_open(&f, link, false, &error);
	g_assert_no_error(error);
	filer_send(&f, 'a', 100, 1);
	filer_flush(&f);
	filer_assert_content(&f);
	transport_file.free(f.transport);

	if (lchown(link, 65534, 65534) == 0) {
		g_assert_null(filer_open(&f, link, false, &error));
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
		filer_assert_content(&f);
	} else {
		g_test_message("no root: no link of somebody else");
	}
	g_assert_no_errno(unlink(link));
	f.transport = NULL;
	filer_teardown(&f);
}

/* The third message fits in part, and what comes after it would fit. */
static void
test_full(void)
{
	struct filer f;

	filer_setup(&f);
	filer_limit(1000);
	filer_send(&f, 'a', 400, 2);
	filer_send_lost(&f, 'b', 400, 1);
	filer_send_lost(&f, 'c', 100, 1);
	filer_flush(&f);
	filer_assert_content(&f);
	filer_assert_stats(&f, 2, 2);
	g_assert_cmpuint(f.n_missed, ==, 1);
	for (int i = 0; i < 5; i++) {
		filer_send_lost(&f, 'd', 400, 1);
		filer_flush(&f);
		filer_flush(&f);
	}
	filer_limit(RLIM_INFINITY);
	filer_assert_content(&f);
	filer_assert_stats(&f, 2, 7);
	g_assert_cmpuint(f.n_missed, ==, 6);
	g_assert_cmpuint(f.stats.send_errors, ==, 6);
	filer_assert_logged(&f, "w collector main: cannot write to PATH: "
				"File too large, messages are dropped\n");

	filer_send(&f, 'e', 300, 1);
	filer_flush(&f);
	filer_assert_content(&f);
	filer_assert_stats(&f, 3, 7);
	filer_assert_logged(&f, "i collector main: writing to PATH again\n");
	filer_teardown(&f);
}

/* The first messages of a burst may have been templates: without them, there
 * is no sense in the rest. */
static void
test_full_amid_burst(void)
{
	struct filer f;

	filer_setup(&f);
	filer_limit(0);
	filer_send_lost(&f, 'a', FILER_MTU, 30);
	filer_limit(RLIM_INFINITY);
	g_assert_cmpuint(f.n_missed, >, 0);
	f.n_missed = 0;
	filer_send_lost(&f, 'b', 10, 1);
	g_assert_cmpuint(f.n_missed, ==, 1);
	filer_flush(&f);
	filer_assert_content(&f);
	filer_assert_stats(&f, 0, 31);
	g_assert_cmpuint(f.stats.send_errors, ==, 1);
	filer_send(&f, 'c', 10, 1);
	filer_flush(&f);
	filer_assert_content(&f);
	filer_teardown(&f);
}

static void
test_device(void)
{
	struct filer f;

	filer_prepare(&f);
	f.transport = filer_open(&f, "/dev/full", false, NULL);
	g_assert_nonnull(f.transport);
	for (int i = 0; i < 3; i++) {
		filer_send_lost(&f, 'a', 100, 2);
		filer_flush(&f);
	}
	filer_assert_stats(&f, 0, 6);
	g_assert_cmpuint(f.stats.send_errors, ==, 3);
	filer_assert_logged(&f,
			    "w collector main: cannot write to /dev/full: "
			    "No space left on device, messages are dropped\n");
	filer_teardown(&f);
}

static void
check_error(struct filer *f, const char *path, const char *why)
{
	g_autofree char *expected =
		g_strdup_printf("cannot write to %s: %s", path, why);
	g_autoptr(GError) error = NULL;

	g_assert_null(filer_open(f, path, false, &error));
	g_assert_cmpstr(error->message, ==, expected);
}

static void
test_errors(void)
{
	g_autofree char *file = NULL;
	struct filer f;

	filer_prepare(&f);
	file = g_build_filename(f.dir, "no", "out", NULL);
	check_error(&f, f.dir, "Is a directory");
	check_error(&f, file, "No such file or directory");
	filer_teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/transport/file/order", test_order);
	g_test_add_func("/transport/file/much", test_much);
	g_test_add_func("/transport/file/replaced", test_replaced);
	g_test_add_func("/transport/file/link", test_link);
	g_test_add_func("/transport/file/full", test_full);
	g_test_add_func("/transport/file/full-amid-burst",
			test_full_amid_burst);
	g_test_add_func("/transport/file/device", test_device);
	g_test_add_func("/transport/file/errors", test_errors);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
