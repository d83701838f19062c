/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page for Prometheus: its form, and that it has what the walk counted.
 */
#include <string.h>
#include <unistd.h>

#include "../pcapfile.h"
#include "../tap.h"
#include "clock.h"
#include "metrics_page.h"
#include "metrics_text.h"

enum { PACKETS = 100, FLOWS = 7, OCTETS = 60 };

static void
test_text(void)
{
	struct metrics_text text = { .out = g_string_new(NULL) };

	metrics_family(&text, "x_total", METRICS_COUNTER, "what it is");
	metrics_integer(&text, UINT64_MAX, NULL);
	metrics_integer(&text, 0, "a", "say \"\\\"\n", "b", "\xff", NULL);
	metrics_family(&text, "y_seconds", METRICS_GAUGE, "another");
	metrics_real(&text, 1763900000.25, "a", "", NULL);
	metrics_real(&text, 1e-6, NULL);
	g_assert_cmpstr(text.out->str, ==,
			"# HELP x_total what it is\n"
			"# TYPE x_total counter\n"
			"x_total 18446744073709551615\n"
			"x_total{a=\"say \\\"\\\\\\\"\\\\x0a\",b=\"\\\\xff\"} "
			"0\n"
			"# HELP y_seconds another\n"
			"# TYPE y_seconds gauge\n"
			"y_seconds{a=\"\"} 1763900000.25\n"
			"y_seconds 1e-06\n");
	g_string_free(text.out, TRUE);
}

/* A capture, two collectors that are files, and the page about them. */
struct scene {
	char *dir, *capture;
	struct config *config;
	struct pipeline *pipeline;
	GString *page;
	bool done;
};

static void
on_done(void *to)
{
	struct scene *scene = to;

	scene->done = true;
}

static void
add_collector(struct scene *scene, const char *name)
{
	g_autofree char *url = g_strdup_printf("ipfix+file://%s/%s?name=%s",
					       scene->dir, name, name);
	g_autoptr(GError) error = NULL;

	config_add_collector_url(scene->config, url, &error);
	g_assert_no_error(error);
}

static struct scene *
play(void)
{
	struct scene *scene = g_new0(struct scene, 1);
	g_autoptr(GByteArray) octets = pcapfile_new(PCAPFILE_US, PCAPFILE_RAW);
	const char *files[2] = { NULL };
	struct pipeline_args args = { .files = files,
				      .done = on_done,
				      .to = scene };
	g_autoptr(GError) error = NULL;

	for (int i = 0; i < PACKETS; i++)
		pcapfile_add_udp(octets, 1700000000 * CLOCK_SECOND_NS + i,
				 i % FLOWS, OCTETS);
	scene->dir = pcapfile_make_dir();
	scene->capture =
		pcapfile_write(scene->dir, "x.pcap", octets->data, octets->len);
	files[0] = scene->capture;
	scene->config = config_new();
	add_collector(scene, "first");
	add_collector(scene, "second");
	args.config = scene->config;
	scene->pipeline = pipeline_new(&args, &error);
	g_assert_no_error(error);
	while (!scene->done)
		g_main_context_iteration(NULL, TRUE);
	scene->page = g_string_new(NULL);
	metrics_page(scene->page, scene->pipeline);
	return scene;
}

static void
end(struct scene *scene)
{
	pipeline_free(scene->pipeline);
	config_free(scene->config);
	pcapfile_remove_dir(scene->dir);
	g_free(scene->capture);
	g_string_free(scene->page, TRUE);
	g_free(scene);
}

/* The text behind NAME at the beginning of a line. */
static char *
value_of(const struct scene *scene, const char *name)
{
	g_auto(GStrv) lines = g_strsplit(scene->page->str, "\n", -1);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, name) &&
		    (*line)[strlen(name)] == ' ')
			return g_strdup(*line + strlen(name) + 1);
	g_test_message("%s", scene->page->str);
	g_error("no %s", name);
}

static void
assert_value(const struct scene *scene, const char *name, const char *expected)
{
	g_autofree char *value = value_of(scene, name);

	g_assert_cmpstr(value, ==, expected);
}

static double
number_of(const struct scene *scene, const char *name)
{
	g_autofree char *value = value_of(scene, name);

	return g_ascii_strtod(value, NULL);
}

static void
assert_stat(const char *name, uint64_t value, const char *help, void *to)
{
	g_autofree char *whole = g_strdup_printf("flowexport_%s_total", name);
	g_autofree char *words = g_strdup_printf(
		"\n# HELP %s %s\n# TYPE %s counter\n", whole, help, whole);
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);

	if (strcmp(name, "flows_active") == 0 ||
	    strcmp(name, "flows_max") == 0 || strcmp(name, "loop_hold") == 0)
		return;
	g_assert_nonnull(strstr(((struct scene *)to)->page->str, words));
	assert_value(to, whole, text);
}

static void
test_counters(void)
{
	struct scene *scene = play();

	assert_value(scene, "flowexport_packets_seen_total", "100");
	assert_value(scene, "flowexport_octets_seen_total", "6000");
	assert_value(scene, "flowexport_flows_created_total", "7");
	assert_value(scene, "flowexport_flows_active", "0");
	assert_value(scene, "flowexport_flows_max", "131072");
	g_assert_cmpfloat(number_of(scene, "flowexport_loop_hold_seconds"), <,
			  60);
	stats_each(pipeline_stats(scene->pipeline), assert_stat, scene);
	end(scene);
}

static void
assert_sent(const char *name, uint64_t value, const char *help, void *to)
{
	g_autofree char *first = g_strdup_printf(
		"\n# HELP flowexport_%s_total %s\n"
		"# TYPE flowexport_%s_total counter\n"
		"flowexport_%s_total{collector=\"first\"} %" G_GUINT64_FORMAT
		"\nflowexport_%s_total{collector=\"second\"} ",
		name, help, name, name, value, name);

	g_assert_nonnull(strstr(((struct scene *)to)->page->str, first));
}

static void
check_collector(const struct exporter_state *state, void *to)
{
	g_assert_cmpuint(state->stats->records_exported, ==, FLOWS);
	if (strcmp(state->collector->name, "first") == 0)
		transport_stats_each(state->stats, assert_sent, to);
}

static void
test_collectors(void)
{
	struct scene *scene = play();

	pipeline_each_collector(scene->pipeline, check_collector, scene);
	assert_value(scene, "flowexport_collector_up{collector=\"second\"}",
		     "1");
	assert_value(scene, "flowexport_queue_records{collector=\"second\"}",
		     "0");
	g_assert_cmpfloat(
		number_of(scene,
			  "flowexport_queue_records_max{collector=\"first\"}"),
		>, 1000);
	end(scene);
}

static void
test_process(void)
{
	struct scene *scene = play();
	double now_s = (double)g_get_real_time() * 1e-6;

	assert_value(scene,
		     "flowexport_build_info{version=\"" PACKAGE_VERSION
		     "\",compiler=\"" __VERSION__ "\"}",
		     "1");
	g_assert_cmpfloat_with_epsilon(
		number_of(scene, "process_start_time_seconds"), now_s, 60);
	g_assert_cmpfloat(number_of(scene, "process_start_time_seconds"), <,
			  now_s);
	g_assert_cmpfloat(number_of(scene, "process_cpu_seconds_total"), >, 0);
	g_assert_cmpfloat(number_of(scene, "process_resident_memory_bytes"), >,
			  1 << 20);
	end(scene);
}

static void
add(void)
{
	g_test_add_func("/metrics-page/text", test_text);
	g_test_add_func("/metrics-page/counters", test_counters);
	g_test_add_func("/metrics-page/collectors", test_collectors);
	g_test_add_func("/metrics-page/process", test_process);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
