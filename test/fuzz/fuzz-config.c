/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration file.
 */
#include "configs.h"
#include "fuzz.h"

/* Every line says where; what a file is said to hold may have a line's end. */
static void
check_complaints(const GError *error)
{
	g_assert(g_str_has_prefix(error->message, g_get_tmp_dir()) ||
		 g_str_has_prefix(error->message, FUZZ_FILE_NAME ":"));
	g_assert(!g_str_has_suffix(error->message, "\n"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = config_new();
	g_autoptr(GError) error = NULL;

	if (config_load(config, fuzz_file(data, size), &error))
		configs_check_dump(config);
	else
		check_complaints(error);
	config_free(config);
	return 0;
}
