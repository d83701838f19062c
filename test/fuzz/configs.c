/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "configs.h"

#include <stdlib.h>

#include "fuzz.h"

static char *
dump(const struct config *config)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	config_dump(config, out);
	fclose(out);
	return text;
}

void
configs_check_dump(const struct config *config)
{
	struct config *again = config_new();
	g_autoptr(GError) error = NULL;
	char *first = dump(config), *second;

	if (!config_load(again, fuzz_file(first, strlen(first)), &error))
		g_error("%s\n%s", error->message, first);
	second = dump(again);
	g_assert_cmpstr(first, ==, second);
	free(first);
	free(second);
	config_free(again);
}
