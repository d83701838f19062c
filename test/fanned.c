/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fanned.h"

#include <glib/gstdio.h>
#include <string.h>

#include "logged.h"
#include "records.h"

static const struct stats *
get_stats(void *to)
{
	return &((struct fanned *)to)->stats;
}

void
fanned_write_set(const struct fanned *f, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(f->dir, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

void
fanned_setup(struct fanned *f, const void *data)
{
	const struct meter meter = meter_make(1, 1);
	struct fan_args args = { .template_dirs = f->dirs };

	(void)data;
	logged_forget();
	f->domain = 1;
	f->dir = g_dir_make_tmp("test-fan-XXXXXX", NULL);
	f->dirs[0] = f->dir;
	f->meter = g_memdup2(&meter, sizeof(meter));
	f->iftable = iftable_new();
	args.sources.meter = f->meter;
	args.sources.iftable = f->iftable;
	args.sources.stats = get_stats;
	args.sources.to = f;
	f->fan = fan_new(&args);
	fanned_write_set(f, "a.conf", "ipv4 = [ \"packetDeltaCount\" ];");
	fanned_write_set(f, "b.conf", "ipv4 = [ \"octetDeltaCount\" ];");
}

void
fanned_teardown(struct fanned *f, const void *data)
{
	const char *name;
	GDir *dir;

	(void)data;
	fan_free(f->fan);
	iftable_free(f->iftable);
	g_free(f->meter);
	dir = g_dir_open(f->dir, 0, NULL);
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(f->dir, name, NULL);

		g_unlink(path);
	}
	g_dir_close(dir);
	g_rmdir(f->dir);
	g_free(f->dir);
}

struct config *
fanned_read_config(const struct fanned *f, const char *const *collectors)
{
	struct config *config = config_new();

	config->domain = f->domain;
	for (; *collectors; collectors++) {
		g_auto(GStrv) words = g_strsplit(*collectors, " ", 3);
		g_autofree char *url = NULL;

		url = words[1] ? g_strdup_printf("json+file://%s/%s?name=%s&"
						 "template=%s%s%s",
						 f->dir, words[0], words[0],
						 words[1], words[2] ? "&" : "",
						 words[2] ?: "")
			       : g_strdup(words[0]);
		g_assert_true(config_add_collector_url(config, url, NULL));
	}
	return config;
}

void
fanned_set(struct fanned *f, const char *const *collectors)
{
	struct config *config = fanned_read_config(f, collectors);
	g_autoptr(GError) error = NULL;
	struct fan_change *change = fan_prepare(f->fan, config, &error);

	g_assert_no_error(error);
	fan_commit(f->fan, change);
	config_free(config);
}

static void
add_exporter(struct exporter *exporter, void *to)
{
	g_ptr_array_add(to, exporter);
}

GPtrArray *
fanned_exporters(const struct fanned *f)
{
	GPtrArray *all = g_ptr_array_new();

	fan_each(f->fan, add_exporter, all);
	return all;
}

void
fanned_push(struct fanned *f)
{
	const struct sink sink = fan_sink(f->fan);
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	record.meter = f->meter;
	sink_push(&sink, &record);
	sink_flush(&sink);
}

void
fanned_settle(struct fanned *f)
{
	while (fan_is_changing(f->fan))
		g_main_context_iteration(NULL, TRUE);
}

void
fanned_expect(const struct fanned *f, const char *name, const char *expected)
{
	g_autofree char *path = g_build_filename(f->dir, name, NULL);
	g_autofree char *content = NULL;
	g_autoptr(GString) got = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;

	g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
	lines = g_strsplit(content, "\n", -1);
	for (char **line = lines; *line; line++)
		if (strstr(*line, "packetDeltaCount"))
			g_string_append_c(got, 'p');
		else if (strstr(*line, "octetDeltaCount"))
			g_string_append_c(got, 'o');
	g_assert_cmpstr(got->str, ==, expected);
}
