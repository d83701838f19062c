/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - from the command line to what it asks for.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon.h"
#include "log.h"
#include "memory.h"
#include "setup.h"
#include "visible.h"

static int
test(const struct options *options)
{
	g_autoptr(GError) error = NULL;
	struct config *config = setup_config(options, &error);

	if (!config) {
		g_autofree char *complaints = visible_lines(error->message);

		fprintf(stderr, "%s\n", complaints);
		return DAEMON_EXIT_USAGE;
	}
	setup_warn(config);
	printf("%s: ok\n", setup_file(options));
	config_free(config);
	return EXIT_SUCCESS;
}

static int
dump(const struct options *options)
{
	g_autoptr(GError) error = NULL;
	struct config *config = setup_config(options, &error);

	if (!config) {
		log_error("%s", error->message);
		return DAEMON_EXIT_USAGE;
	}
	config_dump(config, stdout);
	config_free(config);
	return EXIT_SUCCESS;
}

static int
set_up_and_run(const struct options *options)
{
	g_autoptr(GError) error = NULL;
	struct config *config = setup_config(options, &error);

	if (config)
		return daemon_run(options, config);
	log_error("%s", error->message);
	return DAEMON_EXIT_USAGE;
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
	return set_up_and_run(options);
}

int
main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct options *options;
	int status;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	log_take_glib();
	memory_begin();
	options = options_parse(argc, argv, &error);
	if (!options) {
		fprintf(stderr, "flowexport: %s; try 'flowexport --help'\n",
			error->message);
		return DAEMON_EXIT_USAGE;
	}
	log_set_level(options->log_level);
	status = act(options);
	options_free(options);
	return status;
}
