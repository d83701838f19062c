/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "library.h"

#include <dlfcn.h>
#include <gio/gio.h>
#include <string.h>

static bool
fail(GError **error)
{
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, dlerror());
	return false;
}

bool
library_load(const char *soname, const char *const *names, guint n, void *calls,
	     GError **error)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
	g_autofree void **found = g_new(void *, n);

	if (!library)
		return fail(error);
	for (guint i = 0; i < n; i++) {
		found[i] = dlsym(library, names[i]);
		if (!found[i])
			return fail(error);
	}
	memcpy(calls, found, n * sizeof(*found));
	return true;
}
