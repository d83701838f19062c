/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../records.h"
#include "../tap.h"
#include "exporter.h"
#include "log.h"

#define MTU	  3000
#define RECORDS	  3 /* in each message */
#define PACKETS	  5 /* in each record */
#define OCTETS	  700
#define PIPE_SIZE 4096 /* the least that there is */

struct fixture {
	char *path;
	struct collector collector;
	struct transport_stats stats;
	uint64_t n_missed;
	uint64_t n_room;
	GByteArray *expected; /* in the file */
	struct transport *transport;
};

static char *dir;
static GString *logged;

/* Instead of log.c's. */
void
log_line(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_string_append_printf(logged, "%c ", "ewid"[level]);
	g_string_append_vprintf(logged, format, args);
	g_string_append_c(logged, '\n');
	va_end(args);
}

/* What was logged since this was asked last; PATH stands for the file's. */
static void
assert_logged(const struct fixture *f, const char *format)
{
	g_auto(GStrv) parts = g_strsplit(format, "PATH", -1);
	g_autofree char *expected = g_strjoinv(f->path, parts);

	g_assert_cmpstr(logged->str, ==, expected);
	g_string_truncate(logged, 0);
}

static void
on_missed(void *to)
{
	struct fixture *f = to;

	f->n_missed++;
}

static void
on_room(void *to)
{
	struct fixture *f = to;

	f->n_room++;
}

static struct transport *
open_path(struct fixture *f, const char *path, bool patient, GError **error)
{
	const struct transport_args args = {
		.collector = &f->collector,
		.port = 4739,
		.missed = on_missed,
		.room = on_room,
		.to = f,
		.stats = &f->stats,
		.patient = patient,
	};

	f->collector = (struct collector){
		.origin = (char *)"test:1",
		.name = (char *)"main",
		.host = (char *)path,
		.protocol = (char *)"ipfix",
		.transport = (char *)"file",
		.template_set = (char *)"small",
		.source = (char *)"",
		.mtu = MTU,
		.template_refresh_packets = 1,
		.queue = 65536,
	};
	return transport_file.new(&args, error);
}

static void
prepare(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->path = g_build_filename(dir, "out", NULL);
	f->expected = g_byte_array_new();
	g_string_truncate(logged, 0);
}

static void
begin(struct fixture *f, bool patient)
{
	f->transport = open_path(f, f->path, patient, NULL);
	g_assert_nonnull(f->transport);
	g_assert_cmpuint(f->n_missed, ==, 0);
}

static void
setup(struct fixture *f)
{
	prepare(f);
	begin(f, false);
}

static void
setup_fifo(struct fixture *f, bool patient)
{
	prepare(f);
	g_assert_cmpint(mkfifo(f->path, 0600), ==, 0);
	begin(f, patient);
}

static void
teardown(struct fixture *f)
{
	transport_file.free(f->transport);
	g_byte_array_unref(f->expected);
	g_unlink(f->path);
	g_free(f->path);
}

/* A message of LEN octets VALUE, N times. */
static void
send_all(struct fixture *f, uint8_t value, size_t len, unsigned n)
{
	uint8_t data[MTU];
	const struct message message = {
		.data = data,
		.len = len,
		.tally = { RECORDS, RECORDS * PACKETS, RECORDS * OCTETS },
	};

	memset(data, value, len);
	for (; n > 0; n--)
		transport_file.send(f->transport, &message);
}

/* And to be found in the file. */
static void
send_good(struct fixture *f, uint8_t value, size_t len, unsigned n)
{
	size_t at = f->expected->len;

	send_all(f, value, len, n);
	g_byte_array_set_size(f->expected, at + len * n);
	memset(f->expected->data + at, value, len * n);
}

static void
flush(struct fixture *f)
{
	transport_file.flush(f->transport);
}

static void
assert_content(const struct fixture *f)
{
	g_autofree char *content = NULL;
	gsize len;

	g_assert_true(g_file_get_contents(f->path, &content, &len, NULL));
	g_assert_cmpmem(content, len, f->expected->data, f->expected->len);
}

static void
assert_stats(const struct fixture *f, uint64_t n_sent, uint64_t n_dropped)
{
	g_assert_cmpuint(f->stats.messages_sent, ==, n_sent);
	g_assert_cmpuint(f->stats.octets_sent, ==, f->expected->len);
	g_assert_cmpuint(f->stats.records_exported, ==, n_sent * RECORDS);
	g_assert_cmpuint(f->stats.records_dropped, ==, n_dropped * RECORDS);
	g_assert_cmpuint(f->stats.packets_dropped, ==,
			 n_dropped * RECORDS * PACKETS);
	g_assert_cmpuint(f->stats.octets_dropped, ==,
			 n_dropped * RECORDS * OCTETS);
}

static void
test_order(void)
{
	struct fixture f;

	setup(&f);
	assert_content(&f);
	send_all(&f, 'a', 1, 1);
	assert_content(&f);
	assert_stats(&f, 0, 0);
	g_assert_true(transport_file.busy(f.transport));

	flush(&f);
	g_byte_array_append(f.expected, (const uint8_t *)"a", 1);
	assert_content(&f);
	send_good(&f, 'b', MTU, 2);
	send_good(&f, 'c', 17, 1);
	flush(&f);
	assert_content(&f);
	assert_stats(&f, 4, 0);
	g_assert_false(transport_file.busy(f.transport));
	assert_logged(&f, "");
	teardown(&f);
}

/* More than the buffer holds, and nobody flushes. */
static void
test_much(void)
{
	struct fixture f;

	setup(&f);
	for (int i = 0; i < 200; i++)
		send_good(&f, i, MTU - i, 1);
	g_assert_cmpuint(f.stats.octets_sent, >=, f.expected->len - 65536);
	flush(&f);
	assert_content(&f);
	assert_stats(&f, 200, 0);
	g_assert_cmpuint(f.stats.send_errors, ==, 0);
	teardown(&f);
}

static void
test_replaced(void)
{
	mode_t mask = umask(027);
	struct stat st;
	struct fixture f;

	prepare(&f);
	begin(&f, false);
	g_assert_cmpint(stat(f.path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 0640);
	umask(mask);
	send_all(&f, 'a', 100, 1);
	flush(&f);
	transport_file.free(f.transport);

	f.stats = (struct transport_stats){ 0 };
	begin(&f, false);
	assert_content(&f);
	send_good(&f, 'b', 10, 1);
	flush(&f);
	assert_content(&f);
	teardown(&f);
}

static void
set_limit(rlim_t size)
{
	struct rlimit limit;

	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	limit.rlim_cur = MIN(size, limit.rlim_max);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

/* The third message fits in part, and what comes after it would fit. */
static void
test_full(void)
{
	struct fixture f;

	setup(&f);
	set_limit(1000);
	send_good(&f, 'a', 400, 2);
	send_all(&f, 'b', 400, 1);
	send_all(&f, 'c', 100, 1);
	flush(&f);
	assert_content(&f);
	assert_stats(&f, 2, 2);
	g_assert_cmpuint(f.n_missed, ==, 1);
	for (int i = 0; i < 5; i++) {
		send_all(&f, 'd', 400, 1);
		flush(&f);
		flush(&f);
	}
	set_limit(RLIM_INFINITY);
	assert_content(&f);
	assert_stats(&f, 2, 7);
	g_assert_cmpuint(f.n_missed, ==, 6);
	g_assert_cmpuint(f.stats.send_errors, ==, 6);
	assert_logged(&f, "w collector main: cannot write to PATH: "
			  "File too large, messages are dropped\n");

	send_good(&f, 'e', 300, 1);
	flush(&f);
	assert_content(&f);
	assert_stats(&f, 3, 7);
	assert_logged(&f, "i collector main: writing to PATH again\n");
	teardown(&f);
}

/* The first messages of a burst may have been templates: without them, there
 * is no sense in the rest. */
static void
test_full_amid_burst(void)
{
	struct fixture f;

	setup(&f);
	set_limit(0);
	send_all(&f, 'a', MTU, 30);
	set_limit(RLIM_INFINITY);
	g_assert_cmpuint(f.n_missed, >, 0);
	f.n_missed = 0;
	send_all(&f, 'b', 10, 1);
	g_assert_cmpuint(f.n_missed, ==, 1);
	flush(&f);
	assert_content(&f);
	assert_stats(&f, 0, 31);
	g_assert_cmpuint(f.stats.send_errors, ==, 1);
	send_good(&f, 'c', 10, 1);
	flush(&f);
	assert_content(&f);
	teardown(&f);
}

static void
test_device(void)
{
	struct fixture f;

	prepare(&f);
	f.transport = open_path(&f, "/dev/full", false, NULL);
	g_assert_nonnull(f.transport);
	for (int i = 0; i < 3; i++) {
		send_all(&f, 'a', 100, 2);
		flush(&f);
	}
	assert_stats(&f, 0, 6);
	g_assert_cmpuint(f.stats.send_errors, ==, 3);
	assert_logged(&f, "w collector main: cannot write to /dev/full: "
			  "No space left on device, messages are dropped\n");
	teardown(&f);
}

static int
open_reader(const struct fixture *f)
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
expect_from(struct fixture *f, int fd)
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
	struct fixture f;
	int fd;

	setup_fifo(&f, false);
	for (int i = 0; i < 3; i++) {
		send_all(&f, 'a', 10, 1);
		flush(&f);
	}
	assert_stats(&f, 0, 3);
	g_assert_cmpuint(f.n_missed, ==, 3);
	assert_logged(&f, "w collector main: cannot write to PATH: "
			  "nobody reads it, messages are dropped\n");

	fd = open_reader(&f);
	send_good(&f, 'b', MTU, 3);
	flush(&f);
	g_assert_cmpuint(f.stats.messages_sent, ==, 1);
	g_assert_true(transport_file.busy(f.transport));
	expect_from(&f, fd);
	assert_stats(&f, 3, 3);
	assert_logged(&f, "i collector main: writing to PATH again\n");
	close(fd);
	teardown(&f);
}

/* The reader leaves amid a message: the next one gets whole ones. */
static void
test_fifo_left(void)
{
	int64_t end = deadline();
	struct fixture f;
	uint8_t data[10];
	int fd;

	setup_fifo(&f, false);
	fd = open_reader(&f);
	send_all(&f, 'a', MTU, 3);
	flush(&f);
	g_assert_cmpint(read(fd, data, sizeof(data)), ==, sizeof(data));
	close(fd);
	while (f.n_missed == 0)
		iterate_until(end);
	f.stats.octets_sent -= MTU; /* of the one that was whole */
	assert_stats(&f, 1, 2);
	assert_logged(&f, "w collector main: cannot write to PATH: "
			  "nobody reads it, messages are dropped\n");

	flush(&f);
	fd = open_reader(&f);
	send_good(&f, 'b', MTU, 1);
	flush(&f);
	expect_from(&f, fd);
	assert_stats(&f, 2, 2);
	close(fd);
	teardown(&f);
}

/* Some wait for it here, and more where they come from. */
static void
test_fifo_slow(void)
{
	struct fixture f;
	unsigned n = 0;
	int fd;

	setup_fifo(&f, false);
	fd = open_reader(&f);
	for (; transport_file.ready(f.transport); n++)
		send_good(&f, n, MTU, 1);
	g_assert_cmpuint(n * MTU, >=, 4 * 65536);
	g_assert_cmpuint(n * MTU, <, 4 * 65536 + 4096 + 2 * MTU);
	g_assert_cmpuint(f.n_room, ==, 0);
	g_assert_true(transport_file.healthy(f.transport));
	expect_from(&f, fd);
	g_assert_cmpuint(f.n_room, >, 0);
	g_assert_true(transport_file.ready(f.transport));
	assert_stats(&f, n, 0);
	assert_logged(&f, "");
	close(fd);
	teardown(&f);
}

/* The one that is written in part goes with the rest. */
static void
test_give_up(void)
{
	struct fixture f;
	int fd;

	setup_fifo(&f, false);
	fd = open_reader(&f);
	send_all(&f, 'a', MTU, 10);
	flush(&f);
	transport_file.give_up(f.transport);
	g_assert_false(transport_file.busy(f.transport));
	f.stats.octets_sent -= MTU;
	assert_stats(&f, 1, 9);
	close(fd);
	teardown(&f);
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
	struct fixture f;
	GThread *reader;

	setup_fifo(&f, true);
	reader = g_thread_new("reader", read_late, f.path);
	for (int i = 0; i < 2000; i++) {
		while (!transport_file.ready(f.transport))
			iterate_until(end);
		send_good(&f, i, MTU, 1);
	}
	flush(&f);
	while (transport_file.busy(f.transport))
		iterate_until(end);
	assert_stats(&f, 2000, 0);
	g_assert_cmpuint(f.stats.send_errors, ==, 0);
	assert_logged(&f, "");

	transport_file.free(g_steal_pointer(&f.transport));
	got = g_thread_join(reader);
	g_assert_nonnull(got);
	g_assert_cmpmem(got->data, got->len, f.expected->data, f.expected->len);
	g_byte_array_unref(got);
	teardown(&f);
}

static void
check_error(const char *path, const char *why)
{
	g_autofree char *expected =
		g_strdup_printf("cannot write to %s: %s", path, why);
	g_autoptr(GError) error = NULL;
	struct fixture f = { 0 };

	g_assert_null(open_path(&f, path, false, &error));
	g_assert_cmpstr(error->message, ==, expected);
}

static void
test_errors(void)
{
	g_autofree char *file = g_build_filename(dir, "no", "out", NULL);

	check_error(dir, "Is a directory");
	check_error(file, "No such file or directory");
}

static struct exporter *
exporter(struct fixture *f, const char *path, GError **error)
{
	const char *const dirs[] = { dir, NULL };

	/* Only for the collector. */
	transport_file.free(open_path(f, path, false, NULL));
	return exporter_new(&f->collector, 1, dirs, false, error);
}

static void
test_exporter_error(void)
{
	g_autofree char *expected =
		g_strdup_printf("test:1: collector main: cannot write to %s: "
				"Is a directory",
				dir);
	g_autoptr(GError) error = NULL;
	struct fixture f = { 0 };

	g_assert_null(exporter(&f, dir, &error));
	g_assert_cmpstr(error->message, ==, expected);
}

static void
push_flush(struct exporter *to)
{
	struct sink sink = exporter_sink(to);
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	sink_push(&sink, &record);
	sink_flush(&sink);
}

/* Sets of the file's messages, a letter each. */
static void
expect_sets(const struct fixture *f, const char *expected)
{
	g_autoptr(GString) got = g_string_new(NULL);
	g_autofree char *content = NULL;
	gsize len;

	g_assert_true(g_file_get_contents(f->path, &content, &len, NULL));
	for (size_t at = 0; at + 18 < len;
	     at += content[at + 2] << 8 | (uint8_t)content[at + 3])
		g_string_append_c(got, content[at + 17] == 2 ? 'T' : 'D');
	g_assert_cmpstr(got->str, ==, expected);
}

/* Templates once, and again only after they may have been lost. */
static void
test_exporter_templates(void)
{
	g_autoptr(GError) error = NULL;
	struct exporter *to;
	struct fixture f;

	prepare(&f);
	to = exporter(&f, f.path, &error);
	g_assert_no_error(error);
	set_limit(0);
	push_flush(to);
	set_limit(RLIM_INFINITY);
	expect_sets(&f, "");
	for (int i = 0; i < 3; i++)
		push_flush(to);
	expect_sets(&f, "TDDD");
	exporter_free(to);
	teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/transport/file/order", test_order);
	g_test_add_func("/transport/file/much", test_much);
	g_test_add_func("/transport/file/replaced", test_replaced);
	g_test_add_func("/transport/file/full", test_full);
	g_test_add_func("/transport/file/full-amid-burst",
			test_full_amid_burst);
	g_test_add_func("/transport/file/device", test_device);
	g_test_add_func("/transport/file/fifo", test_fifo);
	g_test_add_func("/transport/file/fifo-left", test_fifo_left);
	g_test_add_func("/transport/file/fifo-slow", test_fifo_slow);
	g_test_add_func("/transport/file/patient", test_patient);
	g_test_add_func("/transport/file/give-up", test_give_up);
	g_test_add_func("/transport/file/errors", test_errors);
	g_test_add_func("/transport/file/exporter-error", test_exporter_error);
	g_test_add_func("/transport/file/exporter-templates",
			test_exporter_templates);
}

int
main(int argc, char **argv)
{
	g_autofree char *small = NULL;
	int status;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	logged = g_string_new(NULL);
	dir = g_dir_make_tmp("test-file-XXXXXX", NULL);
	small = g_build_filename(dir, "small.conf", NULL);
	g_file_set_contents(small, "ipv4 = [ \"octetDeltaCount\" ];\n", -1,
			    NULL);
	status = tap_main(argc, argv, add);
	g_unlink(small);
	g_rmdir(dir);
	g_free(dir);
	g_string_free(logged, TRUE);
	return status;
}
