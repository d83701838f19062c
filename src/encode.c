/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gio/gio.h>
#include <string.h>

#include "encode.h"

static const struct encoder_ops *const encoders[] = {
	&encode_ipfix,
	&encode_netflow9,
	&encode_json,
	&encode_ntopng,
};

const struct encoder_ops *
encoder_find(const char *name, GError **error)
{
	g_autoptr(GString) known = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(encoders); i++) {
		if (strcmp(encoders[i]->name, name) == 0)
			return encoders[i];
		g_string_append_printf(known, " %s", encoders[i]->name);
	}
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
		    "unknown protocol \"%s\", known are:%s", name, known->str);
	return NULL;
}
