/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer.h - the programs that are compared, and how each is told to read a
 * capture, export everything and end.
 */
#ifndef PEER_H
#define PEER_H

#include <stdbool.h>

#define PEER_US "flowexport"

struct peer {
	const char *program, *name; /* name is the case: what it exports */
	const char *command, *config;
};

/* What @FILE@, @DIR@, @PORT@, @SELF@ and @FLOWEXPORT@ stand for. */
struct peer_words {
	const char *capture;
	const char *dir;  /* for all that it writes */
	const char *port; /* of the sink */
	const char *self; /* reads a capture and does nothing: --loop FILE */
	const char *flowexport;
};

/* Ends with a program of NULL; those of one program stand together. */
extern const struct peer peers[];

bool peer_is_installed(const struct peer *peer);

/* Does it export to the port? */
bool peer_sends(const struct peer *peer);

/* An argument vector to be freed; DIR is emptied, and has the configuration.
 * Exits with a message if that cannot be. */
char **peer_prepare(const struct peer *peer, const struct peer_words *words);

/* With all that is in it. */
void peer_remove(const char *dir);

#endif
