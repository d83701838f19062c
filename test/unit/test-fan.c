/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who comes and who stays, when the collectors are others. */
#include <string.h>

#include "../fanned.h"
#include "../logged.h"
#include "../tap.h"

/* Those that stay are the same, whoever comes and wherever they stand. */
static void
test_stay(struct fanned *f, const void *data)
{
	g_autoptr(GPtrArray) before = NULL, after = NULL;

	(void)data;
	fanned_set(f, FANNED_COLLECTORS("one a", "two b"));
	logged_expect("", NULL, NULL);
	before = fanned_exporters(f);
	fanned_push(f);
	fanned_set(f, FANNED_COLLECTORS("two b", "three a", "one a"));
	logged_expect("i collector three: added\n", NULL, NULL);
	after = fanned_exporters(f);
	g_assert_cmpuint(after->len, ==, 3);
	g_assert_true(after->pdata[0] == before->pdata[1]);
	g_assert_true(after->pdata[2] == before->pdata[0]);
	g_assert_false(fan_is_changing(f->fan));
	fanned_push(f);
	fanned_expect(f, "one", "pp");
	fanned_expect(f, "two", "oo");
	fanned_expect(f, "three", "p");
}

/* A file is continued by who takes it over, and by who comes back. */
static void
test_change(struct fanned *f, const void *data)
{
	g_autoptr(GPtrArray) before = NULL, after = NULL;

	(void)data;
	fanned_set(f, FANNED_COLLECTORS("one a", "two a"));
	before = fanned_exporters(f);
	fanned_push(f);
	fanned_set(f, FANNED_COLLECTORS("one b", "two a"));
	logged_expect("i collector one: changed\n", NULL, NULL);
	after = fanned_exporters(f);
	g_assert_true(after->pdata[0] != before->pdata[0]);
	g_assert_true(after->pdata[1] == before->pdata[1]);
	fanned_push(f);
	fanned_settle(f);
	fanned_expect(f, "one", "po");
	fanned_expect(f, "two", "pp");
	fanned_set(f, FANNED_COLLECTORS("two a"));
	fanned_set(f, FANNED_COLLECTORS("two a", "one a"));
	fanned_push(f);
	fanned_settle(f);
	fanned_expect(f, "one", "pop");
}

/* A template set is what it asks for, not how it is written. */
static void
test_template(struct fanned *f, const void *data)
{
	g_autoptr(GPtrArray) before = NULL, same = NULL;

	(void)data;
	fanned_set(f, FANNED_COLLECTORS("one a", "two b"));
	before = fanned_exporters(f);
	fanned_write_set(f, "a.conf",
			 "# the same\nipv4 = [ \"packetDeltaCount\" ];\n");
	fanned_set(f, FANNED_COLLECTORS("one a", "two b"));
	same = fanned_exporters(f);
	g_assert_true(same->pdata[0] == before->pdata[0]);
	logged_expect("", NULL, NULL);
	fanned_write_set(f, "a.conf", "ipv4 = [ \"octetDeltaCount\" ];");
	fanned_set(f, FANNED_COLLECTORS("one a", "two b"));
	logged_expect("i collector one: changed\n", NULL, NULL);
	fanned_push(f);
	fanned_expect(f, "one", "o");
	fanned_settle(f);
}

/* What cannot be changed is all told, and nothing is. */
static void
test_fail(struct fanned *f, const void *data)
{
	g_autoptr(GPtrArray) before = NULL, after = NULL;
	g_autoptr(GError) error = NULL;
	struct config *config;

	(void)data;
	fanned_set(f, FANNED_COLLECTORS("one a"));
	before = fanned_exporters(f);
	config = fanned_read_config(
		f, FANNED_COLLECTORS("one b", "none/x a", "new a", "two none"));
	g_assert_null(fan_prepare(f->fan, config, &error));
	config_free(config);
	g_assert_nonnull(strstr(error->message,
				"--collector: collector none/x: cannot write"));
	g_assert_nonnull(strstr(error->message,
				"\n--collector: collector two: template set"));
	after = fanned_exporters(f);
	g_assert_cmpuint(after->len, ==, 1);
	g_assert_true(after->pdata[0] == before->pdata[0]);
	fanned_push(f);
	fanned_expect(f, "one", "p");
	logged_expect("", NULL, NULL);
}

/* Each message tells its domain; what waits tells the meter that it had. */
static void
test_domain(struct fanned *f, const void *data)
{
	struct meter *other = g_memdup2(f->meter, sizeof(*other));

	(void)data;
	fanned_set(f, FANNED_COLLECTORS("one a", "two b"));
	fanned_push(f);
	f->domain = 2;
	fanned_set(f, FANNED_COLLECTORS("one a", "two b"));
	fan_set_meter(f->fan, other);
	f->meter = other;
	logged_expect("i collector one: changed\ni collector two: changed\n",
		      NULL, NULL);
	fanned_push(f);
	fanned_settle(f);
	fanned_expect(f, "one", "pp");
	/* at once, where nobody tells of the one before */
	other = g_memdup2(f->meter, sizeof(*other));
	fan_set_meter(f->fan, other);
	f->meter = other;
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
test_others(struct fanned *f, const void *data)
{
	guint n = 0;
	const struct sink other = { note_push, note_flush, &n };

	(void)data;
	fan_add(f->fan, &other);
	fanned_push(f);
	fanned_set(f, FANNED_COLLECTORS("one a"));
	fan_add(f->fan, &other);
	fanned_push(f);
	fanned_set(f, (const char *const[]){ NULL });
	fanned_push(f);
	g_assert_cmpuint(n, ==, 5);
	fanned_settle(f);
	fanned_expect(f, "one", "p");
}

static void
add(void)
{
	FANNED_ADD("stay", test_stay);
	FANNED_ADD("change", test_change);
	FANNED_ADD("template", test_template);
	FANNED_ADD("fail", test_fail);
	FANNED_ADD("domain", test_domain);
	FANNED_ADD("others", test_others);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
