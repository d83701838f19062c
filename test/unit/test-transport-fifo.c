/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <unistd.h>

#include "../filer.h"
#include "../tap.h"

#define PIPE_SIZE 4096 /* the least that there is */

static int
open_reader(const struct filer *f)
{
	int fd = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE), ==, PIPE_SIZE);
	return fd;
}

static int64_t
deadline(void)
{
	return g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
}

static void
iterate_until(int64_t end)
{
	g_assert_cmpint(g_get_monotonic_time(), <, end);
	if (!g_main_context_iteration(NULL, FALSE))
		g_usleep(1000);
}

/* Lets the loop send what waits while FD's end reads. */
static void
expect_from(struct filer *f, int fd)
{
	int64_t end = deadline();
	g_autoptr(GByteArray) got = g_byte_array_new();
	uint8_t data[1000];
	ssize_t n;

	while (got->len < f->expected->len) {
		iterate_until(end);
		while ((n = read(fd, data, sizeof(data))) > 0)
			g_byte_array_append(got, data, n);
	}
	g_assert_cmpmem(got->data, got->len, f->expected->data,
			f->expected->len);
	g_assert_cmpint(read(fd, data, 1), ==, -1);
	g_assert_false(transport_file.busy(f->transport));
}

static void
test_fifo(void)
{
	struct filer f;
	int fd;

	filer_setup_fifo(&f, false);
	for (int i = 0; i < 3; i++) {
		filer_send_lost(&f, 'a', 10, 1);
		filer_flush(&f);
	}
	filer_assert_stats(&f, 0, 3);
	g_assert_cmpuint(f.n_missed, ==, 3);
	filer_assert_logged(&f, "w collector main: cannot write to PATH: "
				"nobody reads it, messages are dropped\n");

	fd = open_reader(&f);
	filer_send(&f, 'b', FILER_MTU, 3);
	filer_flush(&f);
	g_assert_cmpuint(f.stats.messages_sent, ==, 1);
	g_assert_true(transport_file.busy(f.transport));
	expect_from(&f, fd);
	filer_assert_stats(&f, 3, 3);
	filer_assert_logged(&f, "i collector main: writing to PATH again\n");
	close(fd);
	filer_teardown(&f);
}

/* The reader leaves amid a message: the next one gets whole ones. */
static void
test_fifo_left(void)
{
	int64_t end = deadline();
	struct filer f;
	uint8_t data[10];
	int fd;

	filer_setup_fifo(&f, false);
	fd = open_reader(&f);
	filer_send_lost(&f, 'a', FILER_MTU, 3);
	filer_flush(&f);
	g_assert_cmpint(read(fd, data, sizeof(data)), ==, sizeof(data));
	close(fd);
	while (f.n_missed == 0)
		iterate_until(end);
	f.stats.octets_sent -= FILER_MTU; /* of the one that was whole */
	filer_assert_stats(&f, 1, 2);
	filer_assert_logged(&f, "w collector main: cannot write to PATH: "
				"nobody reads it, messages are dropped\n");

	filer_flush(&f);
	fd = open_reader(&f);
	filer_send(&f, 'b', FILER_MTU, 1);
	filer_flush(&f);
	expect_from(&f, fd);
	filer_assert_stats(&f, 2, 2);
	close(fd);
	filer_teardown(&f);
}

/* Some wait for it here, and more where they come from. */
static void
test_fifo_slow(void)
{
	struct filer f;
	unsigned n = 0;
	int fd;

	filer_setup_fifo(&f, false);
	fd = open_reader(&f);
	for (; transport_file.ready(f.transport); n++)
		filer_send(&f, n, FILER_MTU, 1);
	g_assert_cmpuint(n * FILER_MTU, >=, 4 * 65536);
	g_assert_cmpuint(n * FILER_MTU, <, 4 * 65536 + 4096 + 2 * FILER_MTU);
	g_assert_cmpuint(f.n_room, ==, 0);
	g_assert_true(transport_file.healthy(f.transport));
	expect_from(&f, fd);
	g_assert_cmpuint(f.n_room, >, 0);
	g_assert_true(transport_file.ready(f.transport));
	filer_assert_stats(&f, n, 0);
	filer_assert_logged(&f, "");
	close(fd);
	filer_teardown(&f);
}

/* The one that is written in part goes with the rest. */
static void
test_give_up(void)
{
	struct filer f;
	int fd;

	filer_setup_fifo(&f, false);
	fd = open_reader(&f);
	filer_send_lost(&f, 'a', FILER_MTU, 10);
	filer_flush(&f);
	transport_file.give_up(f.transport);
	g_assert_false(transport_file.busy(f.transport));
	f.stats.octets_sent -= FILER_MTU;
	filer_assert_stats(&f, 1, 9);
	close(fd);
	filer_teardown(&f);
}

static gpointer
read_late(gpointer path)
{
	g_autofree char *copy = NULL;
	gsize len;

	g_usleep(100000);
	if (!g_file_get_contents(path, &copy, &len, NULL))
		return NULL;
	return g_byte_array_new_take((guint8 *)g_steal_pointer(&copy), len);
}

/* Captures wait for a reader to come, and for it to read. */
static void
test_patient(void)
{
	GByteArray *got;
	int64_t end = deadline();
	struct filer f;
	GThread *reader;

	filer_setup_fifo(&f, true);
	reader = g_thread_new("reader", read_late, f.path);
	for (int i = 0; i < 2000; i++) {
		while (!transport_file.ready(f.transport))
			iterate_until(end);
		filer_send(&f, i, FILER_MTU, 1);
	}
	filer_flush(&f);
	while (transport_file.busy(f.transport))
		iterate_until(end);
	filer_assert_stats(&f, 2000, 0);
	g_assert_cmpuint(f.stats.send_errors, ==, 0);
	filer_assert_logged(&f, "");

	transport_file.free(g_steal_pointer(&f.transport));
	got = g_thread_join(reader);
	g_assert_nonnull(got);
	g_assert_cmpmem(got->data, got->len, f.expected->data, f.expected->len);
	g_byte_array_unref(got);
	filer_teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/transport/file/fifo", test_fifo);
	g_test_add_func("/transport/file/fifo-left", test_fifo_left);
	g_test_add_func("/transport/file/fifo-slow", test_fifo_slow);
	g_test_add_func("/transport/file/give-up", test_give_up);
	g_test_add_func("/transport/file/patient", test_patient);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
