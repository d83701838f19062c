/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl.c - flowexportctl: asks a running flowexport, and shows what it says.
 */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_link.h"
#include "ctl_show.h"
#include "ctl_top.h"
#include "visible.h"

#define DEFAULT_SOCKET "/run/flowexport/control"
#define DEFAULT_COUNT  20
#define MAX_COUNT      1000

struct ask {
	const char *socket;
	bool json;
	const char *sort; /* NULL: not said */
	guint count;	  /* 0: not said */
};

/* clang-format off */
static const struct command {
	const char *name;
	const char *arguments;
	const char *help;
	ctl_show *show; /* NULL: top */
} commands[] = {
	{ "status", "", "whether all is well, and if not, what to do",
	  show_status },
	{ "stats", "", "every counter, and what it counts", show_stats },
	{ "interfaces", "", "interfaces: how attached, packets, bytes",
	  show_interfaces },
	{ "collectors", "", "collectors: state, messages, records, last error",
	  show_collectors },
	{ "flows", " [N]", "the N (20) biggest flows that are open",
	  show_flows },
	{ "flush", "", "report all flows now; they go on", show_done },
	{ "reload", "", "read the configuration again", show_done },
	{ "top", "", "live view, refreshed each second, q to leave", NULL },
};

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, 'j' },
	{ "sort", required_argument, NULL, 'o' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL },
};
/* clang-format on */

static void
print_help(void)
{
	puts("Usage: flowexportctl [OPTION]... COMMAND\n"
	     "Ask a running flowexport, or tell it what to do.\n");
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		g_autofree char *command = g_strconcat(
			commands[i].name, commands[i].arguments, NULL);

		printf("  %-13s %s\n", command, commands[i].help);
	}
	puts("\n"
	     "  -s, --socket PATH    where the daemon listens (default:\n"
	     "                       " DEFAULT_SOCKET ")\n"
	     "  -j, --json           print JSON, with exact numbers\n"
	     "      --sort ORDER     flows by bytes (default), packets or "
	     "last\n"
	     "  -V, --version        print the version\n"
	     "  -h, --help           print this text\n"
	     "\n"
	     "See also flowexportctl(8).");
}

static int usage(const char *format, ...) G_GNUC_PRINTF(1, 2);

static int
usage(const char *format, ...)
{
	g_autofree char *message = NULL;
	va_list args;

	va_start(args, format);
	message = g_strdup_vprintf(format, args);
	va_end(args);
	fprintf(stderr, "flowexportctl: %s; try 'flowexportctl --help'\n",
		message);
	return CTL_USAGE;
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static char *
make_request(const struct command *command, const struct ask *ask)
{
	if (command->show != show_flows)
		return g_strdup_printf("{\"command\":\"%s\"}", command->name);
	return g_strdup_printf("{\"command\":\"flows\",\"count\":%u,"
			       "\"sort\":\"%s\"}",
			       ask->count ?: DEFAULT_COUNT,
			       ask->sort ?: "bytes");
}

/* 0, or as the program exits. */
static int
print_answer(const struct command *command, const struct ask *ask,
	     JsonParser *parser, const char *text)
{
	g_autofree char *shown =
		ask->json ? g_strdup(text) : show(command->show, parser);

	if (fputs(shown, stdout) >= 0 && fflush(stdout) == 0)
		return CTL_DONE;
	perror("flowexportctl: standard output");
	return CTL_REFUSED;
}

static int
run(const struct command *command, const struct ask *ask)
{
	g_autofree char *request = make_request(command, ask);
	g_autofree char *shown = NULL;
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) error = NULL;
	enum ctl_status status = CTL_DONE;
	struct ctl_link *link = link_new(ask->socket, &status, &error);
	const char *text = NULL;
	int result = CTL_DONE;

	if (link && !command->show)
		result = top_run(link, &error);
	else if (link)
		text = link_ask(link, request, parser, &status, &error);
	if (text)
		result = print_answer(command, ask, parser, text);
	link_free(link);
	if (!error)
		return result;
	shown = visible_lines(error->message);
	fprintf(stderr, "flowexportctl: %s\n", shown);
	return command->show || !link ? (int)status : result;
}

/* Of what stands behind the command. */
static int
check_arguments(const struct command *command, struct ask *ask, int n,
		char **arguments)
{
	const int flows = command->show == show_flows ? 1 : 0;
	guint64 count;

	if (n > flows)
		return usage("%s: one argument too many", arguments[flows]);
	if (n && (!g_ascii_string_to_unsigned(arguments[0], 10, 1, MAX_COUNT,
					      &count, NULL)))
		return usage("'%s' is not a number from 1 to %d", arguments[0],
			     MAX_COUNT);
	if (ask->sort && !flows)
		return usage("--sort is for flows");
	if (ask->json && !command->show)
		return usage("%s has no JSON", command->name);
	if (n)
		ask->count = count;
	return CTL_DONE;
}

/* -1: go on. */
static int
parse_options(int argc, char **argv, struct ask *ask)
{
	static const char *const sorts[] = { "bytes", "packets", "last", NULL };
	int letter;

	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":s:jVh", long_options,
				     NULL)) != -1)
		switch (letter) {
		case 's':
			ask->socket = optarg;
			break;
		case 'j':
			ask->json = true;
			break;
		case 'o':
			ask->sort = optarg;
			if (!g_strv_contains(sorts, optarg))
				return usage("--sort: '%s' is none of bytes, "
					     "packets, last",
					     optarg);
			break;
		case 'V':
			puts("flowexportctl " PACKAGE_VERSION "\n"
			     "GPL-2.0-or-later");
			return CTL_DONE;
		case 'h':
			print_help();
			return CTL_DONE;
		case ':':
			return usage("%s needs an argument", argv[optind - 1]);
		default:
			return usage("unknown option %s", argv[optind - 1]);
		}
	return -1;
}

int
main(int argc, char **argv)
{
	struct ask ask = { .socket = DEFAULT_SOCKET };
	const struct command *command;
	int status;

	setlocale(LC_CTYPE, "");
	status = parse_options(argc, argv, &ask);
	if (status >= 0)
		return status;
	if (optind == argc)
		return usage("no command");
	command = find_command(argv[optind]);
	if (!command)
		return usage("unknown command %s", argv[optind]);
	status = check_arguments(command, &ask, argc - optind - 1,
				 argv + optind + 1);
	return status == CTL_DONE ? run(command, &ask) : status;
}
