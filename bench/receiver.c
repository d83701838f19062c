/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <err.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "receiver.h"

/* The number behind "NAME=" in LINE; NAN: there is none. */
static double
number(const char *line, const char *name)
{
	g_autofree char *word = g_strconcat(name, "=", NULL);
	const char *at = strstr(line, word);

	return at ? g_ascii_strtod(at + strlen(word), NULL) : NAN;
}

struct totals
totals_parse(const char *line)
{
	return (struct totals){
		.records = number(line, "records"),
		.packets = number(line, "packets"),
		.octets = number(line, "octets"),
		.bytes = number(line, "bytes"),
		.sequence_errors = number(line, "sequence_errors"),
		.drops = number(line, "drops"),
		.unread = number(line, "unread"),
	};
}

void
receiver_start(struct receiver *receiver, const char *program)
{
	char *argv[] = { (char *)program, NULL };
	g_autoptr(GError) error = NULL;
	int fd;

	if (!g_spawn_async_with_pipes(NULL, argv, NULL,
				      G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
				      &receiver->pid, NULL, &fd, NULL, &error))
		errx(1, "%s", error->message);
	receiver->out = fdopen(fd, "r");
	if (!fgets(receiver->port, sizeof(receiver->port), receiver->out))
		errx(1, "sink: no port");
	g_strchomp(receiver->port);
}

struct totals
receiver_stop(struct receiver *receiver)
{
	char line[512] = "";

	kill(receiver->pid, SIGTERM);
	if (!fgets(line, sizeof(line), receiver->out))
		errx(1, "sink: no totals");
	fclose(receiver->out);
	waitpid(receiver->pid, NULL, 0);
	return totals_parse(line);
}
