/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logged.h - what a test's modules log, instead of log.c.
 *
 * A line for each, after its level's letter: "w collector main: ...".
 */
#ifndef LOGGED_H
#define LOGGED_H

/* Forgets what was logged until now. */
void logged_forget(void);

/* That and no more was logged since what was last expected or forgotten; WORD,
 * where it is not NULL, stands for VALUE there. */
void logged_expect(const char *format, const char *word, const char *value);

/* The same with a port, and S for any number of seconds. */
void logged_expect_port(const char *format, unsigned port);

#endif
