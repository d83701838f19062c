/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * service.h - what systemd is told: sd_notify(3).  Without it, nothing.
 */
#ifndef SERVICE_H
#define SERVICE_H

/* Traffic is observed; from now on the main loop feeds the watchdog. */
void service_ready(void);

/* The configuration is read again; it was. */
void service_reloading(void);
void service_reloaded(void);

void service_stopping(void);

/* A line that systemctl status shows. */
void service_status(const char *status);

#endif
