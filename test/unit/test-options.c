/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../tap.h"
#include "clock.h"
#include "options.h"

/* LINE is cut at its blanks. */
static struct options *
parse(const char *line, GError **error)
{
	g_auto(GStrv) argv = g_strsplit(line, " ", -1);
	g_auto(GStrv) before = g_strdupv(argv);
	struct options *options =
		options_parse((int)g_strv_length(argv), argv, error);

	g_assert_true(g_strv_equal((const char *const *)argv,
				   (const char *const *)before));
	return options;
}

static struct options *
parse_good(const char *line)
{
	GError *error = NULL;
	struct options *options = parse(line, &error);

	g_assert_no_error(error);
	return options;
}

struct capture {
	FILE *file;
	FILE *stream;
	int saved;
};

/* What is written to STREAM goes to a file until capture_end(). */
static struct capture
capture_begin(FILE *stream)
{
	struct capture capture = {.file = tmpfile(), .stream = stream};

	fflush(stream);
	capture.saved = dup(fileno(stream));
	dup2(fileno(capture.file), fileno(stream));
	return capture;
}

static char *
capture_end(struct capture *capture)
{
	g_autoptr(GString) text = g_string_new(NULL);
	int c;

	fflush(capture->stream);
	dup2(capture->saved, fileno(capture->stream));
	close(capture->saved);
	rewind(capture->file);
	while ((c = getc(capture->file)) != EOF)
		g_string_append_c(text, (char)c);
	fclose(capture->file);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
test_none(void)
{
	struct options *options = parse_good("flowexport");

	g_assert_cmpint(options->what, ==, OPTIONS_RUN);
	g_assert_null(options->config);
	g_assert_cmpuint(options->interfaces->len, ==, 0);
	g_assert_cmpuint(options->collectors->len, ==, 0);
	g_assert_cmpuint(options->files->len, ==, 0);
	g_assert_cmpint(options->print, ==, PRINT_NONE);
	g_assert_cmpuint(options->duration_ns, ==, 0);
	g_assert_cmpint(options->log_level, ==, LOG_LEVEL_INFO);
	options_free(options);
}

static const char *const all[] = {
	"flowexport -t -c file -i eth* -i br0 -n u://a -n u://b -pjson -d 1.5 "
	"-v",
	"flowexport -tcfile -ieth* -ibr0 -nu://a -nu://b -p=json -d1500ms -v",
	"flowexport --test --config file --interface eth* --interface br0 "
	"--collector u://a --collector u://b --print=json --duration 1.5s "
	"--verbose",
	"flowexport --test --config=file --interface=eth* --interface=br0 "
	"--collector=u://a --collector=u://b --print=json --duration=1.5 -vv",
};

static void
test_all(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		struct options *options = parse_good(all[i]);

		g_assert_cmpint(options->what, ==, OPTIONS_TEST);
		g_assert_cmpstr(options->config, ==, "file");
		g_assert_cmpuint(options->interfaces->len, ==, 2);
		g_assert_cmpstr(options->interfaces->pdata[0], ==, "eth*");
		g_assert_cmpstr(options->interfaces->pdata[1], ==, "br0");
		g_assert_cmpuint(options->collectors->len, ==, 2);
		g_assert_cmpstr(options->collectors->pdata[0], ==, "u://a");
		g_assert_cmpstr(options->collectors->pdata[1], ==, "u://b");
		g_assert_cmpint(options->print, ==, PRINT_JSON);
		g_assert_cmpuint(options->duration_ns, ==,
				 3 * CLOCK_SECOND_NS / 2);
		g_assert_cmpint(options->log_level, ==, LOG_LEVEL_DEBUG);
		options_free(options);
	}
}

static void
test_each(void)
{
	struct options *options = parse_good("flowexport -T -T -p -q");

	g_assert_cmpint(options->what, ==, OPTIONS_DUMP);
	g_assert_cmpint(options->print, ==, PRINT_TEXT);
	g_assert_cmpint(options->log_level, ==, LOG_LEVEL_ERROR);
	options_free(options);

	options = parse_good("flowexport --dump --print=text --quiet -c a -cb");
	g_assert_cmpint(options->what, ==, OPTIONS_DUMP);
	g_assert_cmpint(options->print, ==, PRINT_TEXT);
	g_assert_cmpint(options->log_level, ==, LOG_LEVEL_ERROR);
	g_assert_cmpstr(options->config, ==, "b");
	options_free(options);
}

/* Files, in their order; "-" is one. */
static void
test_read(void)
{
	static const char *const lines[] = {
		"flowexport -r b -r - -ra",
		"flowexport --read b --read=- --read a",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		struct options *options = parse_good(lines[i]);

		g_assert_cmpint(options->what, ==, OPTIONS_RUN);
		g_assert_cmpuint(options->files->len, ==, 3);
		g_assert_cmpstr(options->files->pdata[0], ==, "b");
		g_assert_cmpstr(options->files->pdata[1], ==, "-");
		g_assert_cmpstr(options->files->pdata[2], ==, "a");
		g_assert_cmpuint(options->interfaces->len, ==, 0);
		options_free(options);
	}
}

static const char *const bad[][2] = {
	{"flowexport --foo", "unknown option '--foo'"},
	{"flowexport --foo=bar -t", "unknown option '--foo=bar'"},
	{"flowexport -x", "unknown option '-x'"},
	{"flowexport --test -xv", "unknown option '-x'"},
	{"flowexport -i", "option '-i' needs an argument"},
	{"flowexport -t --collector", "option '-n' needs an argument"},
	{"flowexport --test=yes", "option '--test' takes no argument"},
	{"flowexport eth0 -t", "unexpected argument 'eth0'"},
	{"flowexport -t -- -T", "unexpected argument '-T'"},
	{"flowexport -p json", "unexpected argument 'json'"},
	{"flowexport -p -r", "option '-r' needs an argument"},
	{"flowexport -r a b", "unexpected argument 'b'"},
	{"flowexport -r a -i b",
	 "--read and --interface exclude each other"},
	{"flowexport -i b --read a",
	 "--read and --interface exclude each other"},
	{"flowexport -t -T", "--test and --dump exclude each other"},
	{"flowexport -pxml", "--print: 'xml' is neither text nor json"},
	{"flowexport --print=", "--print: '' is neither text nor json"},
	{"flowexport -d soon", "--duration: 'soon' is not a number of seconds"},
	{"flowexport -d 0", "--duration: '0' is not a number of seconds"},
	{"flowexport -d -1", "--duration: '-1' is not a number of seconds"},
};

static void
test_bad(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(parse(bad[i][0], &error));
		g_assert_cmpstr(error->message, ==, bad[i][1]);
	}
}

/* Answered where it stands: what follows is not looked at. */
static char *
answer(const char *line)
{
	struct capture capture = capture_begin(stdout);
	struct options *options = parse_good(line);
	char *text = capture_end(&capture);

	g_assert_cmpint(options->what, ==, OPTIONS_DONE);
	options_free(options);
	return text;
}

static void
test_help(void)
{
	g_autofree char *text = answer("flowexport --help --foo");
	g_autofree char *brief = answer("flowexport -h");
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	const char *letters = "ctTinrpdvqVh";

	g_assert_cmpstr(text, ==, brief);
	for (char **line = lines; *line; line++) {
		if (!strstr(*line, SYSCONFDIR))
			g_assert_cmpuint(strlen(*line), <=, 80);
		if (g_str_has_prefix(*line, "  -"))
			g_assert_cmpint((*line)[3], ==, *letters++);
	}
	g_assert_cmpint(*letters, ==, '\0');
}

static void
test_version(void)
{
	g_autofree char *text = answer("flowexport -V");
	g_autofree char *same = answer("flowexport -t --version");

	g_assert_true(g_str_has_prefix(text, "flowexport " PACKAGE_VERSION
					     "\nGPL-2.0-or-later; "));
	g_assert_cmpstr(text, ==, same);
}

static void
test_log_levels(void)
{
	struct capture capture = capture_begin(stderr);

	log_debug("debug");
	log_info("info %d", 1);
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("warning");
	log_error("error, first line\nsecond line\n");
	log_set_level(LOG_LEVEL_INFO);

	g_autofree char *text = capture_end(&capture);
	g_assert_cmpstr(text, ==,
			"flowexport: info 1\n"
			"flowexport: error, first line\n"
			"flowexport: second line\n");
}

static void
test_log_journal(void)
{
	struct capture capture = capture_begin(stderr);
	struct stat st;

	g_assert_cmpint(fstat(STDERR_FILENO, &st), ==, 0);
	g_autofree char *stream = g_strdup_printf(
		"%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	g_setenv("JOURNAL_STREAM", stream, TRUE);
	log_set_level(LOG_LEVEL_DEBUG);
	log_error("a\nb");
	log_warning("c");
	log_info("d");
	log_debug("e");
	g_setenv("JOURNAL_STREAM", "1:1", TRUE);
	log_info("f");
	log_set_level(LOG_LEVEL_INFO);
	g_unsetenv("JOURNAL_STREAM");

	g_autofree char *text = capture_end(&capture);
	g_assert_cmpstr(text, ==,
			"<3>a\n<3>b\n<4>c\n<6>d\n<7>e\nflowexport: f\n");
}

static void
add(void)
{
	g_test_add_func("/options/none", test_none);
	g_test_add_func("/options/all", test_all);
	g_test_add_func("/options/each", test_each);
	g_test_add_func("/options/read", test_read);
	g_test_add_func("/options/bad", test_bad);
	g_test_add_func("/options/help", test_help);
	g_test_add_func("/options/version", test_version);
	g_test_add_func("/log/levels", test_log_levels);
	g_test_add_func("/log/journal", test_log_journal);
}

int
main(int argc, char **argv)
{
	g_unsetenv("JOURNAL_STREAM");
	return tap_main(argc, argv, add);
}
