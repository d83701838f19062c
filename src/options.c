/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "options.h"

struct option_row {
	char letter;
	const char *name;
	int has_arg;
	const char *arg;
	const char *help;
};

#define NL "\n                           "

/* clang-format off */
static const struct option_row rows[] = {
	{ 'c', "config", required_argument, " FILE",
	  "configuration file (default:" NL
	  SYSCONFDIR "/flowexport.conf)" },
	{ 't', "test", no_argument, "",
	  "check configuration and templates: print" NL
	  "\"FILE: ok\" or every error as FILE:LINE: MESSAGE" },
	{ 'T', "dump", no_argument, "",
	  "print the effective configuration, every key with" NL
	  "its value, in a form that -c takes" },
	{ 'i', "interface", required_argument, " GLOB",
	  "observe these interfaces instead of the configured" NL
	  "ones (repeatable)" },
	{ 'n', "collector", required_argument, " URL",
	  "export to this collector instead of the configured" NL
	  "ones (repeatable)" },
	{ 'r', "read", required_argument, " FILE",
	  "read packets from a pcap or pcapng file, \"-\":" NL
	  "standard input, instead of interfaces, export all" NL
	  "and exit (repeatable)" },
	{ 'p', "print", optional_argument, "[=FORMAT]",
	  "also print each exported flow on standard output:" NL
	  "text (default) or json (one object a line)" },
	{ 'd', "duration", required_argument, " SECONDS",
	  "stop by itself after so long (or 500ms, 5m, 1h)" },
	{ 'v', "verbose", no_argument, "", "more log (repeatable)" },
	{ 'q', "quiet", no_argument, "", "errors only" },
	{ 'V', "version", no_argument, "", "print version and licence" },
	{ 'h', "help", no_argument, "", "print this text" },
};
/* clang-format on */

static void
print_help(void)
{
	puts("Usage: flowexport [OPTION]...\n"
	     "Observe network interfaces and export their flows to collectors."
	     "\n");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *option =
			g_strconcat("--", rows[i].name, rows[i].arg, NULL);

		printf("  -%c, %-20s %s\n", rows[i].letter, option,
		       rows[i].help);
	}
	puts("\nURL is PROTOCOL+TRANSPORT://HOST[:PORT][?KEY=VALUE&...], say\n"
	     "ipfix+udp://192.0.2.1:4739?mtu=1200; the keys are those of a\n"
	     "collector in flowexport.conf(5).  See also flowexport(8).");
}

static void
print_version(void)
{
	puts("flowexport " PACKAGE_VERSION "\n"
	     "GPL-2.0-or-later; linked with libfixbuf (LGPL-3), "
	     "so this binary is under\n"
	     "the terms of the GPL-3.");
}

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool
refuse(GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *message = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			    message);
	return false;
}

static bool
set_what(struct options *options, enum options_do what, GError **error)
{
	if (options->what != OPTIONS_RUN && options->what != what)
		return refuse(error, "--test and --dump exclude each other");
	options->what = what;
	return true;
}

static bool
set_print(struct options *options, const char *format, GError **error)
{
	/* Of -p=json, getopt hands over "=json". */
	if (format && *format == '=')
		format++;
	if (!format || strcmp(format, "text") == 0)
		options->print = PRINT_TEXT;
	else if (strcmp(format, "json") == 0)
		options->print = PRINT_JSON;
	else
		return refuse(error, "--print: '%s' is neither text nor json",
			      format);
	return true;
}

static bool
set_duration(struct options *options, const char *text, GError **error)
{
	if (config_duration(text, &options->duration_ns) &&
	    options->duration_ns)
		return true;
	return refuse(error, "--duration: '%s' is not a number of seconds",
		      text);
}

static bool
apply(struct options *options, int letter, GError **error)
{
	switch (letter) {
	case 'c':
		g_free(options->config);
		options->config = g_strdup(optarg);
		return true;
	case 't':
		return set_what(options, OPTIONS_TEST, error);
	case 'T':
		return set_what(options, OPTIONS_DUMP, error);
	case 'i':
		g_ptr_array_add(options->interfaces, g_strdup(optarg));
		return true;
	case 'n':
		g_ptr_array_add(options->collectors, g_strdup(optarg));
		return true;
	case 'r':
		g_ptr_array_add(options->files, g_strdup(optarg));
		return true;
	case 'p':
		return set_print(options, optarg, error);
	case 'd':
		return set_duration(options, optarg, error);
	case 'v':
		if (options->log_level < LOG_LEVEL_DEBUG)
			options->log_level++;
		return true;
	case 'q':
		options->log_level = LOG_LEVEL_ERROR;
		return true;
	case 'V':
		print_version();
		break;
	case 'h':
		print_help();
		break;
	}
	options->what = OPTIONS_DONE;
	return true;
}

/* WORD is the argument that getopt_long() was at, if it was done with it. */
static bool
refuse_option(int why, const char *word, GError **error)
{
	if (why == ':')
		return refuse(error, "option '-%c' needs an argument", optopt);
	if (!optopt)
		return refuse(error, "unknown option '%s'", word);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].letter == optopt)
			return refuse(error, "option '--%s' takes no argument",
				      rows[i].name);
	return refuse(error, "unknown option '-%c'", optopt);
}

static bool
parse(struct options *options, int argc, char **argv, GError **error)
{
	struct option longs[G_N_ELEMENTS(rows) + 1] = { 0 };
	g_autoptr(GString) shorts = g_string_new(":");
	int letter;

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct option_row *row = &rows[i];

		longs[i] = (struct option){ row->name, row->has_arg, NULL,
					    row->letter };
		g_string_append_printf(shorts, "%c%.*s", row->letter,
				       row->has_arg, "::");
	}
	optind = 0; /* glibc: start anew */
	opterr = 0;
	while ((letter = getopt_long(argc, argv, shorts->str, longs, NULL)) !=
	       -1) {
		if (letter == '?' || letter == ':')
			return refuse_option(letter, argv[optind - 1], error);
		if (!apply(options, letter, error))
			return false;
		if (options->what == OPTIONS_DONE)
			return true;
	}
	if (optind < argc)
		return refuse(error, "unexpected argument '%s'", argv[optind]);
	if (options->files->len && options->interfaces->len)
		return refuse(error, "--read and --interface exclude each "
				     "other");
	return true;
}

struct options *
options_parse(int argc, char *const *argv, GError **error)
{
	struct options *options = g_new0(struct options, 1);
	g_auto(GStrv) copy = g_strdupv((char **)argv);

	options->interfaces = g_ptr_array_new_with_free_func(g_free);
	options->files = g_ptr_array_new_with_free_func(g_free);
	options->collectors = g_ptr_array_new_with_free_func(g_free);
	options->log_level = LOG_LEVEL_INFO;
	if (parse(options, argc, copy, error))
		return options;
	options_free(options);
	return NULL;
}

void
options_free(struct options *options)
{
	if (!options)
		return;
	g_free(options->config);
	g_ptr_array_unref(options->interfaces);
	g_ptr_array_unref(options->collectors);
	g_ptr_array_unref(options->files);
	g_free(options);
}
