/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <err.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trial.h"

/* How often what is late is killed: its children become ours by that. */
#define TRIES 10

static double
seconds(struct timeval t)
{
	return t.tv_sec + t.tv_usec / 1e6;
}

static pid_t
start(char **argv, const char *log)
{
	pid_t pid = fork();
	sigset_t none;
	int in, out;

	if (pid)
		return pid;
	in = open("/dev/null", O_RDONLY);
	out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(*argv, argv);
	err(127, "%s", *argv);
}

static void
kill_children(void)
{
	FILE *children = fopen("/proc/thread-self/children", "r");
	int pid;

	if (!children)
		return;
	while (fscanf(children, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	fclose(children);
}

/* Until there is no child left, nor orphans of theirs. */
static void
wait_all(pid_t program, unsigned limit_s, struct trial *trial)
{
	struct timespec patience = { .tv_sec = limit_s };
	sigset_t child;
	int status, tries = 0;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while ((pid = waitpid(-1, &status, WNOHANG)) >= 0) {
		if (pid == program)
			trial->status = status;
		if (pid || sigtimedwait(&child, NULL, &patience) > 0)
			continue;
		trial->late = true;
		if (tries++ == TRIES)
			break;
		kill_children();
		patience = (struct timespec){ .tv_nsec = 100000000 };
	}
}

/* A process of its own, so that getrusage counts these children alone. */
static void
supervise(char **argv, const char *log, unsigned limit_s, int out)
{
	struct trial trial = { 0 };
	struct rusage usage;
	sigset_t child;
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	pid = start(argv, log);
	if (pid < 0)
		err(1, "fork");
	wait_all(pid, limit_s, &trial);
	getrusage(RUSAGE_CHILDREN, &usage);
	trial.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
	trial.memory_mb = usage.ru_maxrss / 1024.0;
	if (write(out, &trial, sizeof(trial)) != sizeof(trial))
		err(1, "write");
	_exit(0);
}

bool
trial_run(char **argv, const char *log, unsigned limit_s, struct trial *trial)
{
	int ends[2];
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) || (pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0)
		supervise(argv, log, limit_s, ends[1]);
	close(ends[1]);
	n = TEMP_FAILURE_RETRY(read(ends[0], trial, sizeof(*trial)));
	close(ends[0]);
	TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
	return n == sizeof(*trial) && !trial->status && !trial->late;
}
