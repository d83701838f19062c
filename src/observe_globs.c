/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "observe_globs.h"

#include <fnmatch.h>

bool
globs_match(const char *const *globs, const char *name)
{
	for (; globs && *globs; globs++)
		if (fnmatch(*globs, name, 0) == 0)
			return true;
	return false;
}

const char *
globs_find_idle(const char *const *globs, const GPtrArray *names)
{
	for (; globs && *globs; globs++) {
		const char *const one[] = { *globs, NULL };
		bool used = false;

		for (guint i = 0; i < names->len && !used; i++)
			used = globs_match(one, names->pdata[i]);
		if (!used)
			return *globs;
	}
	return NULL;
}
