/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_page.h - what Prometheus is told: every counter there is, of the
 * walk, of each collector and of the process.
 *
 * Names are those of flowexport(8) with the prefix "flowexport_", and "_total"
 * behind what only grows; times are seconds.
 */
#ifndef METRICS_PAGE_H
#define METRICS_PAGE_H

#include <glib.h>

#include "pipeline.h"

/* Appends to PAGE how things stand now. */
void metrics_page(GString *page, struct pipeline *pipeline);

#endif
