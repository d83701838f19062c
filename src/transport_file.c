/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "transport.h"

#define FILE_BATCH    65536	       /* octets of a write */
#define FILE_HELD     (4 * FILE_BATCH) /* octets that may wait here */
#define FILE_PAUSE_MS 10	       /* while there is none */
#define FILE_MODE     0640	       /* who talked to whom is not for all */

struct held {
	size_t len;
	struct tally tally;
};

struct transport {
	struct transport_args args;
	int fd;	      /* -1: a FIFO without a reader */
	bool regular; /* or else a FIFO or device, which has no end */
	guint source; /* 0: nothing waits */

	int error; /* the log was told of; 0: all is well */
	int64_t error_us;
	bool failed; /* nothing more of this burst: it may lack templates */
	bool took;   /* the kernel took records of this burst */

	GArray *held;	    /* of struct held: messages not yet written */
	GByteArray *octets; /* theirs, from .done on */
	size_t done;
	size_t torn; /* octets of the first that are written already */
};

static void
trouble(struct transport *t, int error)
{
	t->args.stats->send_errors++;
	t->error_us = g_get_monotonic_time();
	t->failed = true;
	t->args.missed(t->args.to);
	transport_set(&t->args, TRANSPORT_DOWN);
	if (error == t->error)
		return;
	t->error = error;
	transport_warn(&t->args, error,
		       "cannot write to %s: %s, messages are dropped",
		       t->args.collector->host,
		       error == ENXIO ? "nobody reads it" : g_strerror(error));
}

/* Where anybody may write, a link can be anybody's, and leads to what only we
 * may write; many kernels look themselves (fs.protected_symlinks). */
static bool
follows(const char *path)
{
	struct stat st;

	if (errno != ELOOP || lstat(path, &st) < 0)
		return false;
	errno = EACCES;
	return S_ISLNK(st.st_mode) &&
	       (st.st_uid == 0 || st.st_uid == geteuid());
}

/* A FIFO's reader may come, and come back, at any time. */
static bool
open_file(struct transport *t)
{
	const char *path = t->args.collector->host;
	const int flags = O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY |
			  O_CLOEXEC |
			  (t->args.collector->goes_on ? O_APPEND : O_TRUNC);
	struct stat st;

	t->fd = open(path, flags | O_NOFOLLOW, FILE_MODE);
	if (t->fd < 0 && follows(path))
		t->fd = open(path, flags, FILE_MODE);
	t->regular =
		t->fd >= 0 && fstat(t->fd, &st) == 0 && S_ISREG(st.st_mode);
	return t->fd >= 0;
}

static void
close_file(struct transport *t)
{
	g_clear_handle_id(&t->source, g_source_remove);
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

static size_t
waiting(const struct transport *t)
{
	return t->octets->len - t->done;
}

static bool
file_ready(const struct transport *t)
{
	return t->failed || waiting(t) < FILE_HELD;
}

/* Moved only when there are more to forget than to keep. */
static void
forget_octets(struct transport *t, size_t n)
{
	t->done += n;
	if (t->done < waiting(t))
		return;
	g_byte_array_remove_range(t->octets, 0, t->done);
	t->done = 0;
}

static void
taken(struct transport *t, size_t n)
{
	struct transport_stats *stats = t->args.stats;
	guint i;

	forget_octets(t, n);
	t->torn += n;
	for (i = 0; i < t->held->len; i++) {
		struct held *held = &g_array_index(t->held, struct held, i);

		if (t->torn < held->len)
			break;
		t->torn -= held->len;
		/* Templates may fit into a full disk's last block. */
		t->took |= held->tally.records > 0;
		stats->messages_sent++;
		stats->octets_sent += held->len;
		stats->records_exported += held->tally.records;
	}
	g_array_remove_range(t->held, 0, i);
}

static void
drop_held(struct transport *t)
{
	for (guint i = 0; i < t->held->len; i++)
		transport_dropped(
			t->args.stats,
			&g_array_index(t->held, struct held, i).tally);
	g_array_set_size(t->held, 0);
	forget_octets(t, waiting(t));
	t->torn = 0;
}

/* What is written next must follow a whole message. */
static void
cut_back(struct transport *t)
{
	off_t end = lseek(t->fd, -(off_t)t->torn, SEEK_CUR);

	if (ftruncate(t->fd, end) != 0)
		t->args.stats->send_errors++;
}

static void
fail(struct transport *t, int error)
{
	if (error == EPIPE) {
		t->args.patient = false; /* who left hardly comes back */
		error = ENXIO;
	}
	trouble(t, error);
	if (!t->regular)
		close_file(t);
	else if (t->torn > 0)
		cut_back(t);
	drop_held(t);
}

/* 0, or an errno; EAGAIN: try again later. */
static int
write_some(struct transport *t)
{
	ssize_t n;

	if (t->fd < 0 && !open_file(t))
		return errno == ENXIO && t->args.patient ? EAGAIN : errno;
	n = write(t->fd, t->octets->data + t->done, waiting(t));
	if (n < 0)
		return errno == EINTR ? 0 : errno;
	taken(t, n);
	return 0;
}

static void try_later(struct transport *t);

/* Where messages are left, the loop goes on with them. */
static void
write_out(struct transport *t)
{
	int error = 0;

	while (waiting(t) > 0 && !error)
		error = write_some(t);
	if (error && error != EAGAIN)
		fail(t, error);
	if (waiting(t) > 0 && !t->source)
		try_later(t);
}

static gboolean
on_pause_over(gpointer data)
{
	struct transport *t = data;

	t->source = 0;
	write_out(t);
	if (file_ready(t))
		t->args.room(t->args.to);
	return G_SOURCE_REMOVE;
}

static gboolean
on_room(int fd, GIOCondition condition, gpointer data)
{
	(void)fd;
	(void)condition;
	return on_pause_over(data);
}

static void
try_later(struct transport *t)
{
	t->source = t->fd < 0 ? g_timeout_add(FILE_PAUSE_MS, on_pause_over, t)
			      : g_unix_fd_add(t->fd, G_IO_OUT, on_room, t);
}

static void
file_send(struct transport *t, const struct message *message)
{
	const struct held held = { message->len, message->tally };

	if (t->failed) {
		transport_dropped(t->args.stats, &message->tally);
		t->args.missed(t->args.to); /* it may have had templates */
		return;
	}
	g_byte_array_append(t->octets, message->data, message->len);
	g_array_append_val(t->held, held);
	if (waiting(t) >= FILE_BATCH && !t->source)
		write_out(t);
}

static void
file_flush(struct transport *t)
{
	const struct collector *collector = t->args.collector;

	write_out(t);
	if (t->error && t->took && !t->failed) {
		log_info("collector %s: writing to %s again", collector->name,
			 collector->host);
		t->error = 0;
		transport_set(&t->args, TRANSPORT_UP);
	}
	t->took = false;
	t->failed = false;
}

static bool
file_busy(struct transport *t)
{
	return waiting(t) > 0;
}

/* Nothing is written where others take over: it is to be tried again. */
static bool
file_healthy(const struct transport *t)
{
	return t->error == 0 || !transport_doubts(t->error_us);
}

static void
file_give_up(struct transport *t)
{
	if (t->regular && t->torn > 0)
		cut_back(t);
	drop_held(t);
}

static void
file_free(struct transport *t)
{
	if (!t)
		return;
	close_file(t);
	g_array_unref(t->held);
	g_byte_array_unref(t->octets);
	g_free(t);
}

static struct transport *
file_new(const struct transport_args *args, GError **error)
{
	struct transport *t = g_new0(struct transport, 1);

	t->args = *args;
	transport_set(args, TRANSPORT_UP);
	t->octets = g_byte_array_sized_new(2 * FILE_BATCH);
	t->held = g_array_new(FALSE, FALSE, sizeof(struct held));
	if (open_file(t) || errno == ENXIO)
		return t;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
		    "cannot write to %s: %s", args->collector->host,
		    g_strerror(errno));
	file_free(t);
	return NULL;
}

const struct transport_ops transport_file = {
	.name = "file",
	.reliable = true,
	.new = file_new,
	.free = file_free,
	.ready = file_ready,
	.send = file_send,
	.flush = file_flush,
	.busy = file_busy,
	.healthy = file_healthy,
	.give_up = file_give_up,
};
