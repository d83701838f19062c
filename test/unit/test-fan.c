/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../logged.h"
#include "../records.h"
#include "../tap.h"
#include "pipeline_fan.h"

/* A fan with collectors that are files in a directory of its own, where their
 * template sets stand, too. */
struct fixture {
	char *dir;
	const char *dirs[2];
	struct fan *fan;
	struct meter *meter;
	struct iftable *iftable;
	struct stats stats;
	uint32_t domain;
};

static const struct stats *
get_stats(void *to)
{
	return &((struct fixture *)to)->stats;
}

static void
write_set(const struct fixture *f, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(f->dir, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
setup(struct fixture *f, const void *data)
{
	const struct meter meter = meter_make(1, 1);
	struct fan_args args = { .template_dirs = f->dirs };

	(void)data;
	logged_forget();
	f->domain = 1;
	f->dir = g_dir_make_tmp("test-fan-XXXXXX", NULL);
	f->dirs[0] = f->dir;
	f->meter = g_memdup2(&meter, sizeof(meter));
	f->iftable = iftable_new();
	args.sources.meter = f->meter;
	args.sources.iftable = f->iftable;
	args.sources.stats = get_stats;
	args.sources.to = f;
	f->fan = fan_new(&args);
	write_set(f, "a.conf", "ipv4 = [ \"packetDeltaCount\" ];");
	write_set(f, "b.conf", "ipv4 = [ \"octetDeltaCount\" ];");
}

static void
teardown(struct fixture *f, const void *data)
{
	const char *name;
	GDir *dir;

	(void)data;
	fan_free(f->fan);
	iftable_free(f->iftable);
	g_free(f->meter);
	dir = g_dir_open(f->dir, 0, NULL);
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(f->dir, name, NULL);

		g_unlink(path);
	}
	g_dir_close(dir);
	g_rmdir(f->dir);
	g_free(f->dir);
}

/* Of words: "NAME SET", "NAME SET KEY=VALUE", or a URL. */
static struct config *
read_config(const struct fixture *f, const char *const *collectors)
{
	struct config *config = config_new();

	config->domain = f->domain;
	for (; *collectors; collectors++) {
		g_auto(GStrv) words = g_strsplit(*collectors, " ", 3);
		g_autofree char *url = NULL;

		url = words[1] ? g_strdup_printf("json+file://%s/%s?name=%s&"
						 "template=%s%s%s",
						 f->dir, words[0], words[0],
						 words[1], words[2] ? "&" : "",
						 words[2] ?: "")
			       : g_strdup(words[0]);
		g_assert_true(config_add_collector_url(config, url, NULL));
	}
	return config;
}

#define COLLECTORS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void
set(struct fixture *f, const char *const *collectors)
{
	struct config *config = read_config(f, collectors);
	g_autoptr(GError) error = NULL;
	struct fan_change *change = fan_prepare(f->fan, config, &error);

	g_assert_no_error(error);
	fan_commit(f->fan, change);
	config_free(config);
}

static void
add_exporter(struct exporter *exporter, void *to)
{
	g_ptr_array_add(to, exporter);
}

/* In their order; held for a comparison only. */
static GPtrArray *
exporters(const struct fixture *f)
{
	GPtrArray *all = g_ptr_array_new();

	fan_each(f->fan, add_exporter, all);
	return all;
}

static void
push(struct fixture *f)
{
	const struct sink sink = fan_sink(f->fan);
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	record.meter = f->meter;
	sink_push(&sink, &record);
	sink_flush(&sink);
}

/* The file of that name: "p" for a line by set a, "o" for one by set b. */
static void
expect(const struct fixture *f, const char *name, const char *expected)
{
	g_autofree char *path = g_build_filename(f->dir, name, NULL);
	g_autofree char *content = NULL;
	g_autoptr(GString) got = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;

	g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
	lines = g_strsplit(content, "\n", -1);
	for (char **line = lines; *line; line++)
		if (strstr(*line, "packetDeltaCount"))
			g_string_append_c(got, 'p');
		else if (strstr(*line, "octetDeltaCount"))
			g_string_append_c(got, 'o');
	g_assert_cmpstr(got->str, ==, expected);
}

static void
settle(struct fixture *f)
{
	while (fan_is_changing(f->fan))
		g_main_context_iteration(NULL, TRUE);
}

/* Those that stay are the same, whoever comes and wherever they stand. */
static void
test_stay(struct fixture *f, const void *data)
{
	g_autoptr(GPtrArray) before = NULL, after = NULL;

	(void)data;
	set(f, COLLECTORS("one a", "two b"));
	logged_expect("", NULL, NULL);
	before = exporters(f);
	push(f);
	set(f, COLLECTORS("two b", "three a", "one a"));
	logged_expect("i collector three: added\n", NULL, NULL);
	after = exporters(f);
	g_assert_cmpuint(after->len, ==, 3);
	g_assert_true(after->pdata[0] == before->pdata[1]);
	g_assert_true(after->pdata[2] == before->pdata[0]);
	g_assert_false(fan_is_changing(f->fan));
	push(f);
	expect(f, "one", "pp");
	expect(f, "two", "oo");
	expect(f, "three", "p");
}

static void
test_leave(struct fixture *f, const void *data)
{
	(void)data;
	set(f, COLLECTORS("one a", "two b"));
	push(f);
	set(f, COLLECTORS("two b"));
	logged_expect("i collector one: removed\n", NULL, NULL);
	g_assert_true(fan_is_changing(f->fan));
	push(f);
	settle(f);
	logged_expect("i former collector one: messages_sent=1 octets_sent=72 "
		      "records_exported=1 records_dropped=0 packets_dropped=0 "
		      "octets_dropped=0 records_skipped=0 records_joined=0 "
		      "send_errors=0 reconnects=0\n",
		      NULL, NULL);
	expect(f, "one", "p");
	expect(f, "two", "oo");
}

/* A file is continued by who takes it over, and by who comes back. */
static void
test_change(struct fixture *f, const void *data)
{
	g_autoptr(GPtrArray) before = NULL, after = NULL;

	(void)data;
	set(f, COLLECTORS("one a", "two a"));
	before = exporters(f);
	push(f);
	set(f, COLLECTORS("one b", "two a"));
	logged_expect("i collector one: changed\n", NULL, NULL);
	after = exporters(f);
	g_assert_true(after->pdata[0] != before->pdata[0]);
	g_assert_true(after->pdata[1] == before->pdata[1]);
	push(f);
	settle(f);
	expect(f, "one", "po");
	expect(f, "two", "pp");
	set(f, COLLECTORS("two a"));
	set(f, COLLECTORS("two a", "one a"));
	push(f);
	settle(f);
	expect(f, "one", "pop");
}

/* A template set is what it asks for, not how it is written. */
static void
test_template(struct fixture *f, const void *data)
{
	g_autoptr(GPtrArray) before = NULL, same = NULL;

	(void)data;
	set(f, COLLECTORS("one a", "two b"));
	before = exporters(f);
	write_set(f, "a.conf",
		  "# the same\nipv4 = [ \"packetDeltaCount\" ];\n");
	set(f, COLLECTORS("one a", "two b"));
	same = exporters(f);
	g_assert_true(same->pdata[0] == before->pdata[0]);
	logged_expect("", NULL, NULL);
	write_set(f, "a.conf", "ipv4 = [ \"octetDeltaCount\" ];");
	set(f, COLLECTORS("one a", "two b"));
	logged_expect("i collector one: changed\n", NULL, NULL);
	push(f);
	expect(f, "one", "o");
	settle(f);
}

/* What cannot be changed is all told, and nothing is. */
static void
test_fail(struct fixture *f, const void *data)
{
	g_autoptr(GPtrArray) before = NULL, after = NULL;
	g_autoptr(GError) error = NULL;
	struct config *config;

	(void)data;
	set(f, COLLECTORS("one a"));
	before = exporters(f);
	config = read_config(
		f, COLLECTORS("one b", "none/x a", "new a", "two none"));
	g_assert_null(fan_prepare(f->fan, config, &error));
	config_free(config);
	g_assert_nonnull(strstr(error->message,
				"--collector: collector none/x: cannot write"));
	g_assert_nonnull(strstr(error->message,
				"\n--collector: collector two: template set"));
	after = exporters(f);
	g_assert_cmpuint(after->len, ==, 1);
	g_assert_true(after->pdata[0] == before->pdata[0]);
	push(f);
	expect(f, "one", "p");
	logged_expect("", NULL, NULL);
}

/* Each message tells its domain; what waits tells the meter that it had. */
static void
test_domain(struct fixture *f, const void *data)
{
	struct meter *other = g_memdup2(f->meter, sizeof(*other));

	(void)data;
	set(f, COLLECTORS("one a", "two b"));
	push(f);
	f->domain = 2;
	set(f, COLLECTORS("one a", "two b"));
	fan_set_meter(f->fan, other);
	f->meter = other;
	logged_expect("i collector one: changed\ni collector two: changed\n",
		      NULL, NULL);
	push(f);
	settle(f);
	expect(f, "one", "pp");
	/* at once, where nobody tells of the one before */
	other = g_memdup2(f->meter, sizeof(*other));
	fan_set_meter(f->fan, other);
	f->meter = other;
}

/* Records, of a line each, that came by now. */
static unsigned
receive(int fd)
{
	char octets[2048];
	unsigned n = 0;
	ssize_t len;

	while ((len = recv(fd, octets, sizeof(octets), MSG_DONTWAIT)) > 0)
		while (len > 0)
			n += octets[--len] == '\n';
	return n;
}

/* Who may send only so much at a time sends on until all is sent. */
static void
test_deliver(struct fixture *f, const void *data)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	g_autofree char *slow = NULL;
	unsigned n;

	(void)data;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, len), ==, 0);
	g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &len), ==,
			0);
	slow = g_strdup_printf("json+udp://127.0.0.1:%u?name=x&template=a&"
			       "mtu=200&rate=50",
			       ntohs(address.sin_port));
	set(f, COLLECTORS("one a", slow));
	for (int i = 0; i < 100; i++)
		push(f);
	set(f, COLLECTORS("one a"));
	n = receive(fd);
	g_assert_cmpuint(n, <, 100);
	settle(f);
	g_assert_cmpuint(n + receive(fd), ==, 100);
	logged_forget();
	close(fd);
}

/* Nobody is there: it waits, and then is dropped; or at once. */
static void
test_time(struct fixture *f, const void *data)
{
	const char *nobody = "json+tcp://127.0.0.1:9?name=x&template=a";
	int64_t began_us = g_get_monotonic_time();

	(void)data;
	set(f, COLLECTORS("one a", nobody));
	push(f);
	set(f, COLLECTORS("one a"));
	settle(f);
	g_assert_cmpint(g_get_monotonic_time() - began_us, >=, 3900000);
	set(f, COLLECTORS("one a", nobody));
	push(f);
	set(f, COLLECTORS("one a"));
	began_us = g_get_monotonic_time();
	fan_give_up(f->fan);
	settle(f);
	g_assert_cmpint(g_get_monotonic_time() - began_us, <, 3900000);
	expect(f, "one", "pp");
}

static void
note_push(void *to, struct record *record)
{
	(void)record;
	++*(guint *)to;
}

static void
note_flush(void *to)
{
	(void)to;
}

/* Other sinks have nothing to do with any of this. */
static void
test_others(struct fixture *f, const void *data)
{
	guint n = 0;
	const struct sink other = { note_push, note_flush, &n };

	(void)data;
	fan_add(f->fan, &other);
	push(f);
	set(f, COLLECTORS("one a"));
	fan_add(f->fan, &other);
	push(f);
	set(f, (const char *const[]){ NULL });
	push(f);
	g_assert_cmpuint(n, ==, 5);
	settle(f);
	expect(f, "one", "p");
}

#define ADD(name, test)                                                        \
	g_test_add("/fan/" name, struct fixture, NULL, setup, test, teardown)

static void
add_tests(void)
{
	ADD("stay", test_stay);
	ADD("leave", test_leave);
	ADD("change", test_change);
	ADD("template", test_template);
	ADD("fail", test_fail);
	ADD("domain", test_domain);
	ADD("deliver", test_deliver);
	ADD("time", test_time);
	ADD("others", test_others);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add_tests);
}
