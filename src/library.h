/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * library.h - a shared library that is loaded when it is first needed.
 *
 * Few hosts need ZeroMQ or an HTTP server.  With all that they depend on, from
 * GnuTLS to Kerberos, they are 25 libraries and nearly 5 MB that a process with
 * capabilities does better without.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <glib.h>
#include <stdbool.h>

/* Finds what the N names stand for in the library SONAME, and has it in CALLS,
 * pointers to functions, in their order.  The library stays. */
bool library_load(const char *soname, const char *const *names, guint n,
		  void *calls, GError **error);

#endif
