/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service.h"

#include <glib.h>
#include <stdint.h>
#include <systemd/sd-daemon.h>

static gboolean
on_watchdog(void *to)
{
	(void)to;
	sd_notify(0, "WATCHDOG=1");
	return G_SOURCE_CONTINUE;
}

void
service_ready(void)
{
	uint64_t us;

	sd_notify(0, "READY=1");
	if (sd_watchdog_enabled(0, &us) > 0)
		g_timeout_add(MAX(us / 2000, 1), on_watchdog, NULL);
}

void
service_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT,
		   g_get_monotonic_time());
}

void
service_reloaded(void)
{
	sd_notify(0, "READY=1");
}

void
service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void
service_status(const char *status)
{
	sd_notifyf(0, "STATUS=%s", status);
}
