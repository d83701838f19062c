/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * URLs of collectors, a line each, as --collector takes them.
 */
#include "configs.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_auto(GStrv) urls = g_strsplit(text, "\n", 16);
	struct config *config = config_new();

	for (char **url = urls; *url; url++) {
		g_autoptr(GError) error = NULL;
		guint n = config->collectors->len;
		bool good = config_add_collector_url(config, *url, &error);

		g_assert(good == !error);
		g_assert(config->collectors->len == n + good);
	}
	configs_check_dump(config);
	config_free(config);
	return 0;
}
