/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - from the command line to a running pipeline, and its end.
 */
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "exporter.h"
#include "log.h"
#include "options.h"
#include "pipeline.h"

enum { EXIT_USAGE = 2 };

#define DEFAULT_CONFIG SYSCONFDIR "/flowexport.conf"
#define STOP_SECONDS   5 /* an operator's patience, and systemd's */

struct program {
	GMainLoop *loop;
	struct pipeline *pipeline;
	struct print *print;
	bool stopping;
	bool late;
};

/* ERROR may hold several lines, each FILE:LINE: MESSAGE. */
static void
log_lines(const GError *error)
{
	g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

	for (char **line = lines; *line; line++)
		log_error("%s", *line);
}

static char **
strv_of(const GPtrArray *strings)
{
	char **strv = g_new0(char *, strings->len + 1);

	for (guint i = 0; i < strings->len; i++)
		strv[i] = g_strdup(strings->pdata[i]);
	return strv;
}

/* What the command line says instead of the file. */
static bool
apply_options(struct config *config, const struct options *options,
	      GError **error)
{
	if (options->interfaces->len) {
		g_strfreev(config->include);
		g_strfreev(config->exclude);
		config->include = strv_of(options->interfaces);
		config->exclude = g_new0(char *, 1);
	}
	if (options->collectors->len)
		g_ptr_array_set_size(config->collectors, 0);
	for (guint i = 0; i < options->collectors->len; i++)
		if (!config_add_collector_url(
			    config, options->collectors->pdata[i], error))
			return false;
	return true;
}

/* Everything about collectors that needs no network. */
static bool
check_collectors(const struct config *config, GError **error)
{
	g_autoptr(GString) wrong = g_string_new(NULL);

	for (guint i = 0; i < config->collectors->len; i++) {
		g_autoptr(GError) one = NULL;

		if (exporter_check(config->collectors->pdata[i], config->domain,
				   pipeline_template_dirs(), &one))
			continue;
		g_string_append_printf(wrong, "%s%s", wrong->len ? "\n" : "",
				       one->message);
	}
	if (wrong->len)
		g_set_error_literal(error, G_OPTION_ERROR,
				    G_OPTION_ERROR_BAD_VALUE, wrong->str);
	return !wrong->len;
}

/* What we are to do, in full, or every complaint about it. */
static struct config *
configure(const struct options *options, GError **error)
{
	const char *file = options->config ? options->config : DEFAULT_CONFIG;
	bool optional = !options->config && options->print != PRINT_NONE;
	struct config *config = config_new();

	if (optional && !g_file_test(file, G_FILE_TEST_EXISTS))
		file = NULL;
	if ((!file || config_load(config, file, error)) &&
	    apply_options(config, options, error) &&
	    check_collectors(config, error))
		return config;
	config_free(config);
	return NULL;
}

static int
test(const struct options *options)
{
	g_autoptr(GError) error = NULL;
	struct config *config = configure(options, &error);

	if (!config) {
		fprintf(stderr, "%s\n", error->message);
		return EXIT_USAGE;
	}
	printf("%s: ok\n", options->config ? options->config : DEFAULT_CONFIG);
	config_free(config);
	return EXIT_SUCCESS;
}

static int
dump(const struct options *options)
{
	g_autoptr(GError) error = NULL;
	struct config *config = configure(options, &error);

	if (!config) {
		log_lines(error);
		return EXIT_USAGE;
	}
	config_dump(config, stdout);
	config_free(config);
	return EXIT_SUCCESS;
}

static void
on_stopped(void *to)
{
	struct program *program = to;

	g_main_loop_quit(program->loop);
}

static gboolean
on_late(void *to)
{
	struct program *program = to;

	log_warning("not everything could be exported within %d s",
		    STOP_SECONDS);
	program->late = true;
	g_main_loop_quit(program->loop);
	return G_SOURCE_REMOVE;
}

static gboolean
on_stop(void *to)
{
	struct program *program = to;

	if (program->stopping)
		return G_SOURCE_CONTINUE;
	program->stopping = true;
	g_timeout_add_seconds(STOP_SECONDS, on_late, program);
	pipeline_stop(program->pipeline, on_stopped, program);
	return G_SOURCE_CONTINUE;
}

static gboolean
on_duration(void *to)
{
	on_stop(to);
	return G_SOURCE_REMOVE;
}

static gboolean
on_report(void *to)
{
	struct program *program = to;

	pipeline_report(program->pipeline);
	return G_SOURCE_CONTINUE;
}

/* Nobody reads standard output any longer: what was asked for is done. */
static gboolean
on_print_check(void *to)
{
	struct program *program = to;

	if (!print_ok(program->print))
		on_stop(program);
	return G_SOURCE_CONTINUE;
}

static void
append_counter(const char *name, uint64_t value, const char *help, void *to)
{
	(void)help;
	g_string_append_printf(to, " %s=%" G_GUINT64_FORMAT, name, value);
}

static void
log_collector(const struct collector *collector,
	      const struct transport_stats *stats, void *to)
{
	(void)to;
	log_info("collector %s: messages_sent=%" G_GUINT64_FORMAT
		 " octets_sent=%" G_GUINT64_FORMAT
		 " records_exported=%" G_GUINT64_FORMAT
		 " records_dropped=%" G_GUINT64_FORMAT
		 " send_errors=%" G_GUINT64_FORMAT,
		 collector->name, stats->messages_sent, stats->octets_sent,
		 stats->records_exported, stats->records_dropped,
		 stats->send_errors);
}

static void
log_stats(struct pipeline *pipeline)
{
	g_autoptr(GString) line = g_string_new(NULL);

	stats_each(pipeline_stats(pipeline), append_counter, line);
	log_info("stats:%s", line->str);
	pipeline_each_collector(pipeline, log_collector, NULL);
}

/* Before anything is attached: a signal from now on ends what was begun. */
static void
watch_signals(struct program *program)
{
	program->loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGTERM, on_stop, program);
	g_unix_signal_add(SIGINT, on_stop, program);
	g_unix_signal_add(SIGHUP, on_stop, program);
	g_unix_signal_add(SIGUSR1, on_report, program);
}

static void
loop(struct program *program, const struct options *options)
{
	if (options->duration_ns)
		g_timeout_add(MAX(1, options->duration_ns / 1000000),
			      on_duration, program);
	if (program->print)
		g_timeout_add(100, on_print_check, program);
	g_main_loop_run(program->loop);
	log_stats(program->pipeline);
}

static int
run(const struct options *options, const struct config *config)
{
	g_auto(GStrv) required = strv_of(options->interfaces);
	g_autoptr(GError) error = NULL;
	struct program program = { 0 };

	if (!config->collectors->len && options->print == PRINT_NONE) {
		log_error("no collector: name one in the configuration, or "
			  "with --collector");
		return EXIT_USAGE;
	}
	watch_signals(&program);
	if (options->print != PRINT_NONE)
		program.print = print_new(stdout, options->print == PRINT_JSON);
	program.pipeline = pipeline_new(config, program.print,
					(const char *const *)required, &error);
	if (program.pipeline)
		loop(&program, options);
	else
		log_lines(error);
	if (program.late)
		return EXIT_FAILURE;
	pipeline_free(program.pipeline);
	print_free(program.print);
	g_main_loop_unref(program.loop);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int
configure_and_run(const struct options *options)
{
	g_autoptr(GError) error = NULL;
	struct config *config = configure(options, &error);
	int status;

	if (!config) {
		log_lines(error);
		return EXIT_USAGE;
	}
	status = run(options, config);
	config_free(config);
	return status;
}

static int
act(const struct options *options)
{
	switch (options->what) {
	case OPTIONS_TEST:
		return test(options);
	case OPTIONS_DUMP:
		return dump(options);
	case OPTIONS_DONE:
		return EXIT_SUCCESS;
	case OPTIONS_RUN:
		break;
	}
	return configure_and_run(options);
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct options *options;
	int status;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	options = options_parse(argc, argv, &error);
	if (!options) {
		fprintf(stderr, "flowexport: %s; try 'flowexport --help'\n",
			error->message);
		return EXIT_USAGE;
	}
	log_set_level(options->log_level);
	status = act(options);
	options_free(options);
	return status;
}
