/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gio/gio.h>
#include <string.h>

#include "transport.h"

static const struct transport_ops *const transports[] = {
	&transport_udp,
	&transport_tcp,
	&transport_sctp,
	&transport_file,
};

const struct transport_ops *
transport_find(const char *name, GError **error)
{
	g_autoptr(GString) known = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(transports); i++) {
		if (strcmp(transports[i]->name, name) == 0)
			return transports[i];
		g_string_append_printf(known, " %s", transports[i]->name);
	}
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
		    "unknown transport \"%s\", known are:%s", name, known->str);
	return NULL;
}

void
transport_stats_each(const struct transport_stats *stats,
		     void (*each)(const char *name, uint64_t value,
				  const char *help, void *to),
		     void *to)
{
#define X(name, help) each(#name, stats->name, help, to);
	TRANSPORT_COUNTERS(X)
#undef X
}
