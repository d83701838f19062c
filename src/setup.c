/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setup.h"

#include "exporter.h"
#include "means.h"
#include "pipeline.h"

#define DEFAULT_CONFIG SYSCONFDIR "/flowexport.conf"
#define FILES_LEAST    64 /* for a few collectors and interfaces */

char **
setup_strv(const GPtrArray *strings)
{
	char **strv = g_new0(char *, strings->len + 1);

	for (guint i = 0; i < strings->len; i++)
		strv[i] = g_strdup(strings->pdata[i]);
	return strv;
}

/* What the command line says instead of the file. */
static bool
apply_options(struct config *config, const struct options *options,
	      GError **error)
{
	if (options->interfaces->len) {
		g_strfreev(config->include);
		g_strfreev(config->exclude);
		config->include = setup_strv(options->interfaces);
		config->exclude = g_new0(char *, 1);
	}
	if (options->collectors->len)
		g_ptr_array_set_size(config->collectors, 0);
	for (guint i = 0; i < options->collectors->len; i++)
		if (!config_add_collector_url(
			    config, options->collectors->pdata[i], error))
			return false;
	return true;
}

/* Everything about collectors that needs no network. */
static bool
check_collectors(const struct config *config, GError **error)
{
	g_autoptr(GString) wrong = g_string_new(NULL);

	for (guint i = 0; i < config->collectors->len; i++) {
		g_autoptr(GError) one = NULL;

		if (exporter_check(config->collectors->pdata[i], config->domain,
				   pipeline_template_dirs(), &one))
			continue;
		g_string_append_printf(wrong, "%s%s", wrong->len ? "\n" : "",
				       one->message);
	}
	if (wrong->len)
		g_set_error_literal(error, G_OPTION_ERROR,
				    G_OPTION_ERROR_BAD_VALUE, wrong->str);
	return !wrong->len;
}

const char *
setup_file(const struct options *options)
{
	return options->config ? options->config : DEFAULT_CONFIG;
}

/* A configuration is not asked for: somebody looks at flows, or reads captures.
 */
static bool
is_by_hand(const struct options *options)
{
	return !options->config &&
	       (options->print != PRINT_NONE || options->files->len);
}

const char *
setup_control(const struct options *options, const struct config *config)
{
	return options->files->len || is_by_hand(options) ||
			       !*config->control_socket
		       ? NULL
		       : config->control_socket;
}

struct config *
setup_config(const struct options *options, GError **error)
{
	const char *file = setup_file(options);
	struct config *config = config_new();

	if (is_by_hand(options) && !g_file_test(file, G_FILE_TEST_EXISTS))
		file = NULL;
	if ((!file || config_load(config, file, error)) &&
	    apply_options(config, options, error) &&
	    check_collectors(config, error))
		return config;
	config_free(config);
	return NULL;
}

bool
setup_has_purpose(const struct options *options, const struct config *config,
		  GError **error)
{
	if (config->collectors->len || options->print != PRINT_NONE)
		return true;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "no collector: name one in the configuration, or with "
		    "--collector");
	return false;
}

/* Each hook that TCX has us at is a file, and each map and program. */
bool
setup_has_files(const struct options *options, GError **error)
{
	means_lift();
	return options->files->len || means_files(FILES_LEAST, error);
}

static void
warn_left_out(const struct config *config, const struct collector *collector)
{
	g_autofree char *names = exporter_left_out(collector, config->domain,
						   pipeline_template_dirs());

	if (names)
		fprintf(stderr, "%s: collector %s: %s has no %s (a warning)\n",
			collector->origin, collector->name, collector->protocol,
			names);
}

void
setup_warn(const struct config *config)
{
	for (guint i = 0; i < config->collectors->len; i++) {
		g_autoptr(GError) error = NULL;

		warn_left_out(config, config->collectors->pdata[i]);
		if (!exporter_supported(config->collectors->pdata[i], &error))
			fprintf(stderr, "%s (a warning)\n", error->message);
	}
}
