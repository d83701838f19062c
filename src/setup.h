/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * setup.h - what we are to do: the file, then what the command line says.
 */
#ifndef SETUP_H
#define SETUP_H

#include "config.h"
#include "options.h"

/* The configuration file's name, given or not. */
const char *setup_file(const struct options *options);

/* All of it, checked as far as that goes without a network; NULL with every
 * complaint, one a line, in *ERROR.  The default file need not be there when
 * flows are printed or captures read. */
struct config *setup_config(const struct options *options, GError **error);

/* Whether somebody gets to see flows. */
bool setup_has_purpose(const struct options *options,
		       const struct config *config, GError **error);

/* Whether we may open what observing takes at least; as many as we may from now
 * on. */
bool setup_has_files(const struct options *options, GError **error);

/* Tells standard error what of it this host lacks (it may be tried here what is
 * to run elsewhere), and what collectors do not get of their template sets. */
void setup_warn(const struct config *config);

/* Where flowexportctl is listened to; NULL: nowhere, as of captures, and where
 * flows are printed by hand. */
const char *setup_control(const struct options *options,
			  const struct config *config);

/* A copy of an array of strings, NULL-terminated; g_strfreev() it. */
char **setup_strv(const GPtrArray *strings);

#endif
