/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "control.h"
#include "log.h"
#include "metrics.h"
#include "metrics_page.h"
#include "pipeline.h"
#include "privilege.h"
#include "reload.h"
#include "service.h"
#include "setup.h"

#define STOP_SECONDS 5 /* an operator's patience, and systemd's */

struct program {
	GMainLoop *loop;
	struct pipeline *pipeline;
	struct reload *reload;
	struct print *print;
	struct metrics *metrics;
	struct control_socket *socket; /* NULL: none, nor the next two */
	GError *no_socket;	       /* why there is none, or NULL */
	struct monitor *monitor;
	struct control *control;
	bool stopping;
	bool late;
};

static void
on_done(void *to)
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
	pipeline_give_up(program->pipeline);
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
	reload_refuse(program->reload, "stopping, nothing is reloaded");
	service_stopping();
	g_timeout_add_seconds(STOP_SECONDS, on_late, program);
	pipeline_stop(program->pipeline);
	return G_SOURCE_CONTINUE;
}

static gboolean
on_duration(void *to)
{
	on_stop(to);
	return G_SOURCE_REMOVE;
}

static bool
reload(void *to, GString *said)
{
	struct program *program = to;
	bool done;

	if (!program->stopping)
		service_reloading();
	done = reload_run(program->reload, said);
	if (!program->stopping)
		service_reloaded();
	return done;
}

static gboolean
on_hangup(void *to)
{
	g_autoptr(GString) said = g_string_new(NULL);

	reload(to, said);
	return G_SOURCE_CONTINUE;
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

	if (print_error(program->print))
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
log_collector(const struct exporter_state *state, void *to)
{
	(void)to;
	transport_log("collector", state->collector->name, state->stats);
}

static void
log_stats(struct pipeline *pipeline)
{
	g_autoptr(GString) line = g_string_new(NULL);

	stats_each(pipeline_stats(pipeline), append_counter, line);
	log_info("stats:%s", line->str);
	pipeline_each_collector(pipeline, log_collector, NULL);
}

/* Before anything is attached: a signal from now on ends what was begun.  After
 * privileges were dropped: GLib has a thread for signals, which keeps those
 * that it was made with. */
static void
watch_signals(struct program *program)
{
	program->loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGTERM, on_stop, program);
	g_unix_signal_add(SIGINT, on_stop, program);
	g_unix_signal_add(SIGHUP, on_hangup, program);
	g_unix_signal_add(SIGUSR1, on_report, program);
}

static void
loop(struct program *program, const struct options *options)
{
	if (options->duration_ns)
		g_timeout_add(
			CLAMP(options->duration_ns / 1000000, 1, G_MAXUINT),
			on_duration, program);
	if (program->print)
		g_timeout_add(100, on_print_check, program);
	g_main_loop_run(program->loop);
	log_stats(program->pipeline);
}

static void
add_dropped(const struct exporter_state *state, void *to)
{
	*(uint64_t *)to += state->stats->records_dropped;
}

/* Of captures we promise all that is in them. */
static bool
files_were_good(const struct pipeline *pipeline)
{
	const char *complaints = pipeline_complaints(pipeline);
	uint64_t dropped = 0;

	pipeline_each_collector(pipeline, add_dropped, &dropped);
	if (complaints)
		log_error("%s", complaints);
	if (dropped)
		log_error("%" G_GUINT64_FORMAT " records could not be exported",
			  dropped);
	return !complaints && !dropped;
}

/* Where somebody looks, and flows do not stand already. */
static bool
shows_progress(const struct program *program, const struct options *options)
{
	return options->log_level >= LOG_LEVEL_INFO && isatty(STDERR_FILENO) &&
	       !(program->print && isatty(STDOUT_FILENO));
}

static void
write_metrics(GString *page, void *to)
{
	const struct program *program = to;

	metrics_page(page, program->pipeline);
}

/* What is done by hand, beside the service and with its file, has none. */
static bool
open_metrics(struct program *program, const struct options *options,
	     const struct config *config, GError **error)
{
	bool by_hand =
		options->files->len || (program->print && !options->config);

	if (by_hand || !*config->metrics_listen)
		return true;
	program->metrics = metrics_new(config->metrics_listen, write_metrics,
				       program, error);
	return program->metrics;
}

/* Before privileges are dropped.  Without it we go on, and say so once that is
 * sure. */
static void
open_control(struct program *program, const struct options *options,
	     const struct config *config)
{
	const char *path = setup_control(options, config);

	if (path)
		program->socket = control_socket_new(path, config->user,
						     &program->no_socket);
}

static void
begin_control(struct program *program)
{
	struct control_args args = {
		.socket = program->socket,
		.pipeline = program->pipeline,
		.reload = reload,
		.to = program,
	};

	if (program->no_socket)
		log_error("%s", program->no_socket->message);
	if (!program->socket)
		return;
	program->monitor = args.monitor = monitor_new(program->pipeline);
	program->control = control_new(&args);
}

static void
end_control(struct program *program)
{
	control_free(program->control);
	monitor_free(program->monitor);
	control_socket_free(program->socket);
	g_clear_error(&program->no_socket);
}

static int
observe(struct program *program, const struct options *options,
	struct config *config)
{
	g_auto(GStrv) required = setup_strv(options->interfaces);
	g_auto(GStrv) files = setup_strv(options->files);
	g_autoptr(GError) error = NULL;
	const struct pipeline_args args = {
		.config = config,
		.print = program->print,
		.files = *files ? (const char *const *)files : NULL,
		.required = (const char *const *)required,
		.progress = shows_progress(program, options),
		.done = on_done,
		.to = program,
	};
	bool good;

	open_control(program, options, config);
	good = args.files || privilege_drop(config->user, &error);
	watch_signals(program);
	if (!good || !open_metrics(program, options, config, &error) ||
	    !(program->pipeline = pipeline_new(&args, &error))) {
		log_error("%s", error->message);
		end_control(program);
		config_free(config);
		return EXIT_FAILURE;
	}
	program->reload = reload_new(options, config, program->pipeline);
	if (args.files)
		reload_refuse(program->reload,
			      "captures are read, nothing is reloaded");
	begin_control(program);
	service_ready();
	loop(program, options);
	metrics_free(program->metrics);
	end_control(program);
	good = !program->late &&
	       (!args.files || files_were_good(program->pipeline));
	if (!program->late) {
		pipeline_free(program->pipeline);
		reload_free(program->reload);
	}
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A reader that has enough is no error: "| head". */
static bool
printed_well(const struct print *print)
{
	int error = print ? print_error(print) : 0;

	if (!error || error == EPIPE)
		return true;
	log_error("standard output: %s", g_strerror(error));
	return false;
}

int
daemon_run(const struct options *options, struct config *config)
{
	struct program program = { 0 };
	g_autoptr(GError) error = NULL;
	int status;

	if (!setup_has_purpose(options, config, &error)) {
		log_error("%s", error->message);
		config_free(config);
		return DAEMON_EXIT_USAGE;
	}
	if (!setup_has_files(options, &error)) {
		log_error("%s", error->message);
		config_free(config);
		return EXIT_FAILURE;
	}
	if (options->print != PRINT_NONE)
		program.print = print_new(stdout, options->print == PRINT_JSON);
	status = observe(&program, options, config);
	if (!printed_well(program.print))
		status = EXIT_FAILURE;
	print_free(program.print);
	g_main_loop_unref(program.loop);
	return status;
}
