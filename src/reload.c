/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload.h"

#include <errno.h>
#include <unistd.h>

#include "log.h"
#include "setup.h"

struct reload {
	const struct options *options;
	struct config *config; /* in force */
	struct pipeline *pipeline;
	const char *refusal; /* NULL: none */
};

static void
note_restart(const char *key, void *to)
{
	g_string_append_printf(to, "%s: takes a restart\n", key);
}

static bool
put_in_force(struct reload *reload, struct config *config, GString *said,
	     GError **error)
{
	config_keep(config, reload->config, note_restart, said);
	if (!pipeline_reload(reload->pipeline, config, said, error)) {
		config_free(config);
		return false;
	}
	config_free(reload->config);
	reload->config = config;
	return true;
}

/* When we began, we may have been somebody else. */
static bool
may_read(const struct reload *reload, GError **error)
{
	const char *file = setup_file(reload->options);

	if (access(file, R_OK) == 0 || errno != EACCES)
		return true;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_ACCES,
		    "%s: Permission denied: the user as whom we went on "
		    "(uid %u) must be able to read it",
		    file, geteuid());
	return false;
}

static bool
run(struct reload *reload, GString *said, GError **error)
{
	struct config *config;

	if (reload->refusal) {
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
				    reload->refusal);
		return false;
	}
	config = may_read(reload, error) ? setup_config(reload->options, error)
					 : NULL;
	if (!config)
		return false;
	if (setup_has_purpose(reload->options, config, error))
		return put_in_force(reload, config, said, error);
	config_free(config);
	return false;
}

bool
reload_run(struct reload *reload, GString *said)
{
	g_autoptr(GError) error = NULL;

	if (!run(reload, said, &error)) {
		g_string_assign(said, error->message);
		log_error("%s", error->message);
		log_error("not reloaded: nothing has changed");
		return false;
	}
	if (said->len)
		log_warning("%s", said->str);
	log_info("reloaded %s", setup_file(reload->options));
	return true;
}

void
reload_refuse(struct reload *reload, const char *why)
{
	reload->refusal = why;
}

struct reload *
reload_new(const struct options *options, struct config *config,
	   struct pipeline *pipeline)
{
	struct reload *reload = g_new0(struct reload, 1);

	reload->options = options;
	reload->config = config;
	reload->pipeline = pipeline;
	return reload;
}

void
reload_free(struct reload *reload)
{
	if (!reload)
		return;
	config_free(reload->config);
	g_free(reload);
}
