/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics_calls.h"

#include "library.h"

struct mhd_calls mhd;

bool
mhd_load(GError **error)
{
	static const char *const names[] = {
#define X(name) "MHD_" #name,
		MHD_CALLS(X)
#undef X
	};

	return mhd.run || library_load(MICROHTTPD_SONAME, names,
				       G_N_ELEMENTS(names), &mhd, error);
}
