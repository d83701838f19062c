/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "configured.h"

#include <unistd.h>

char *
configured_dump(const struct config *config)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	config_dump(config, out);
	fclose(out);
	return text;
}

char *
configured_load(const char *file, struct config **config)
{
	g_autoptr(GError) error = NULL;

	*config = config_new();
	if (config_load(*config, file, &error)) {
		g_assert_no_error(error);
		return NULL;
	}
	config_free(*config);
	*config = NULL;
	return g_strdup(error->message);
}

struct config *
configured_good(const char *file)
{
	struct config *config;
	g_autofree char *wrong = configured_load(file, &config);

	g_assert_cmpstr(wrong, ==, NULL);
	return config;
}

struct config *
configured_text(const char *text)
{
	g_autofree char *file = NULL;
	int fd = g_file_open_tmp("test-config-XXXXXX", &file, NULL);

	g_assert_cmpint(fd, >=, 0);
	close(fd);
	g_assert_true(g_file_set_contents(file, text, -1, NULL));
	struct config *config = configured_good(file);
	unlink(file);
	return config;
}
