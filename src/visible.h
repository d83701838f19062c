/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * visible.h - text of others as people may be shown it.
 *
 * Names come from containers, files and the network.  What is no printable
 * character of UTF-8 becomes \xNN, octet by octet: nothing is left that a
 * terminal obeys, and nothing that begins a line of its own.
 */
#ifndef VISIBLE_H
#define VISIBLE_H

/* The caller's; g_free() it. */
char *visible(const char *text);

/* The same of text in lines, whose ends stay. */
char *visible_lines(const char *text);

#endif
