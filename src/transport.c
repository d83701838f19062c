/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gio/gio.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "transport.h"

static const struct transport_ops *const transports[] = {
	&transport_udp,
	&transport_tcp,
	&transport_sctp,
	&transport_file,
	&transport_zmq,
};

void
transport_set(const struct transport_args *args, enum transport_phase phase)
{
	struct transport_state *state = args->state;

	if (!state || (state->since_ns && state->phase == phase))
		return;
	state->phase = phase;
	state->since_ns = clock_boot_ns();
}

void
transport_warn(const struct transport_args *args, int error, const char *format,
	       ...)
{
	g_autofree char *text = NULL;
	va_list words;

	va_start(words, format);
	text = g_strdup_vprintf(format, words);
	va_end(words);
	log_warning("collector %s: %s", args->collector->name, text);
	if (!args->state)
		return;
	args->state->error = error;
	args->state->error_ns = clock_boot_ns();
	g_strlcpy(args->state->text, text, sizeof(args->state->text));
}

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

static void
append_counter(const char *name, uint64_t value, const char *help, void *to)
{
	(void)help;
	g_string_append_printf(to, " %s=%" G_GUINT64_FORMAT, name, value);
}

void
transport_log(const char *who, const char *name,
	      const struct transport_stats *stats)
{
	g_autoptr(GString) line = g_string_new(NULL);

	transport_stats_each(stats, append_counter, line);
	log_info("%s %s:%s", who, name, line->str);
}
