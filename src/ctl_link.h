/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_link.h - questions to a running daemon, and its answers.
 */
#ifndef CTL_LINK_H
#define CTL_LINK_H

#include <glib.h>
#include <json-glib/json-glib.h>

/* As flowexportctl exits. */
enum ctl_status { CTL_DONE, CTL_REFUSED, CTL_USAGE, CTL_NOBODY };

#define CTL_PATIENCE_S 10

struct ctl_link;

/* NULL: *STATUS, and *ERROR, say why. */
struct ctl_link *link_new(const char *path, enum ctl_status *status,
			  GError **error);
void link_free(struct ctl_link *link);

/* The daemon's answer to REQUEST, a line: its text, lent until the next one,
 * and in PARSER.  NULL: as above, and where it answers with an error. */
const char *link_ask(struct ctl_link *link, const char *request,
		     JsonParser *parser, enum ctl_status *status,
		     GError **error);

#endif
