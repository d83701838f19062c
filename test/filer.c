/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "filer.h"
#include "logged.h"

void
filer_assert_logged(const struct filer *f, const char *format)
{
	logged_expect(format, "PATH", f->path);
}

static void
on_missed(void *to)
{
	struct filer *f = to;

	f->n_missed++;
}

static void
on_room(void *to)
{
	struct filer *f = to;

	f->n_room++;
}

struct transport *
filer_open(struct filer *f, const char *path, bool patient, GError **error)
{
	const struct transport_args args = {
		.collector = &f->collector,
		.port = 4739,
		.missed = on_missed,
		.room = on_room,
		.to = f,
		.stats = &f->stats,
		.patient = patient,
	};

	f->collector = (struct collector){
		.origin = (char *)"test:1",
		.name = (char *)"main",
		.host = (char *)path,
		.protocol = (char *)"ipfix",
		.transport = (char *)"file",
		.template_set = (char *)"small",
		.source = (char *)"",
		.mtu = FILER_MTU,
		.template_refresh_packets = 1,
		.queue = 65536,
	};
	return transport_file.new(&args, error);
}

void
filer_prepare(struct filer *f)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	memset(f, 0, sizeof(*f));
	f->dir = g_dir_make_tmp("test-file-XXXXXX", NULL);
	f->path = g_build_filename(f->dir, "out", NULL);
	f->expected = g_byte_array_new();
}

void
filer_begin(struct filer *f, bool patient)
{
	f->transport = filer_open(f, f->path, patient, NULL);
	g_assert_nonnull(f->transport);
	g_assert_cmpuint(f->n_missed, ==, 0);
}

void
filer_setup(struct filer *f)
{
	filer_prepare(f);
	filer_begin(f, false);
}

void
filer_setup_fifo(struct filer *f, bool patient)
{
	filer_prepare(f);
	g_assert_cmpint(mkfifo(f->path, 0600), ==, 0);
	filer_begin(f, patient);
}

void
filer_teardown(struct filer *f)
{
	transport_file.free(f->transport);
	g_byte_array_unref(f->expected);
	g_unlink(f->path);
	g_assert_cmpint(g_rmdir(f->dir), ==, 0);
	g_free(f->path);
	g_free(f->dir);
	logged_forget();
}

void
filer_send_lost(struct filer *f, uint8_t value, size_t len, unsigned n)
{
	uint8_t data[FILER_MTU];
	const struct message message = {
		.data = data,
		.len = len,
		.tally = { FILER_RECORDS, FILER_RECORDS * FILER_PACKETS,
			   FILER_RECORDS * FILER_OCTETS },
	};

	memset(data, value, len);
	for (; n > 0; n--)
		transport_file.send(f->transport, &message);
}

void
filer_send(struct filer *f, uint8_t value, size_t len, unsigned n)
{
	size_t at = f->expected->len;

	filer_send_lost(f, value, len, n);
	g_byte_array_set_size(f->expected, at + len * n);
	memset(f->expected->data + at, value, len * n);
}

void
filer_flush(struct filer *f)
{
	transport_file.flush(f->transport);
}

void
filer_assert_content(const struct filer *f)
{
	g_autofree char *content = NULL;
	gsize len;

	g_assert_true(g_file_get_contents(f->path, &content, &len, NULL));
	g_assert_cmpmem(content, len, f->expected->data, f->expected->len);
}

void
filer_assert_stats(const struct filer *f, uint64_t n_sent, uint64_t n_dropped)
{
	g_assert_cmpuint(f->stats.messages_sent, ==, n_sent);
	g_assert_cmpuint(f->stats.octets_sent, ==, f->expected->len);
	g_assert_cmpuint(f->stats.records_exported, ==, n_sent * FILER_RECORDS);
	g_assert_cmpuint(f->stats.records_dropped, ==,
			 n_dropped * FILER_RECORDS);
	g_assert_cmpuint(f->stats.packets_dropped, ==,
			 n_dropped * FILER_RECORDS * FILER_PACKETS);
	g_assert_cmpuint(f->stats.octets_dropped, ==,
			 n_dropped * FILER_RECORDS * FILER_OCTETS);
}

void
filer_limit(rlim_t size)
{
	struct rlimit limit;

	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	limit.rlim_cur = MIN(size, limit.rlim_max);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}
