/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control_socket.h - the control socket's place in the file system.
 *
 * It is for its owner and group, 0660, those of the user that we go on as.  One
 * that a dead daemon left is replaced, one that a live daemon listens on is
 * not.
 */
#ifndef CONTROL_SOCKET_H
#define CONTROL_SOCKET_H

#include <glib.h>

struct control_socket;

/* Listens at PATH; to be called before privileges are dropped, when USER is
 * whom we go on as.  A directory that is not there is made, if only one is
 * missing. */
struct control_socket *control_socket_new(const char *path, const char *user,
					  GError **error);

/* Removes it, if it is still ours. */
void control_socket_free(struct control_socket *socket);

int control_socket_fd(const struct control_socket *socket);

#endif
