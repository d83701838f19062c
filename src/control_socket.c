/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

struct control_socket {
	int fd;
	char *path;
	char *made;	/* directory, or NULL */
	struct stat st; /* of PATH */
};

static int
open_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static bool
name_socket(struct sockaddr_un *name, const char *path)
{
	memset(name, 0, sizeof(*name));
	name->sun_family = AF_UNIX;
	if (g_strlcpy(name->sun_path, path, sizeof(name->sun_path)) <
	    sizeof(name->sun_path))
		return true;
	errno = ENAMETOOLONG;
	return false;
}

/* EAGAIN: it has not even time for us, but it is there. */
static bool
somebody_listens(const struct sockaddr_un *name)
{
	int fd = open_socket();
	bool listens;

	if (fd < 0)
		return true;
	listens = connect(fd, (const struct sockaddr *)name, sizeof(*name)) ==
			  0 ||
		  errno == EAGAIN;
	close(fd);
	return listens;
}

/* To whom we go on as, where that is somebody else.  Others may be able to
 * write beside it: what is given is what we looked at, and no link. */
static void
give(const char *path, mode_t type, const char *user)
{
	const struct passwd *account =
		*user && geteuid() == 0 ? getpwnam(user) : NULL;
	struct stat st;
	int fd;

	if (!account)
		return;
	fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type &&
	    fchownat(fd, "", account->pw_uid, account->pw_gid, AT_EMPTY_PATH) <
		    0)
		g_debug("%s: %s", path, g_strerror(errno));
	close(fd);
}

static void
make_directory(struct control_socket *s, const char *user)
{
	g_autofree char *directory = g_path_get_dirname(s->path);

	if (mkdir(directory, 0755) < 0)
		return;
	give(directory, S_IFDIR, user);
	s->made = g_steal_pointer(&directory);
}

/* Only what is a socket is replaced.  From the start, it is not for all. */
static bool
bind_socket(int fd, const struct sockaddr_un *name)
{
	const struct sockaddr *address = (const struct sockaddr *)name;
	mode_t mask = umask(0117);
	bool bound = bind(fd, address, sizeof(*name)) == 0;
	struct stat st;

	if (!bound && errno == EADDRINUSE && !somebody_listens(name) &&
	    lstat(name->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    unlink(name->sun_path) == 0)
		bound = bind(fd, address, sizeof(*name)) == 0;
	umask(mask);
	return bound;
}

static bool
begin(struct control_socket *s, const char *user)
{
	struct sockaddr_un name;

	if (!name_socket(&name, s->path))
		return false;
	make_directory(s, user);
	s->fd = open_socket();
	if (s->fd < 0 || !bind_socket(s->fd, &name))
		return false;
	give(s->path, S_IFSOCK, user);
	return lstat(s->path, &s->st) == 0 && listen(s->fd, BACKLOG) == 0;
}

struct control_socket *
control_socket_new(const char *path, const char *user, GError **error)
{
	struct control_socket *s = g_new0(struct control_socket, 1);
	int errnum;

	s->path = g_strdup(path);
	s->fd = -1;
	if (begin(s, user))
		return s;
	errnum = errno;
	control_socket_free(s);
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errnum),
		    "control socket %s: %s, going on without it", path,
		    errnum == EADDRINUSE ? "another flowexport has it"
					 : g_strerror(errnum));
	return NULL;
}

void
control_socket_free(struct control_socket *s)
{
	struct stat st;

	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	if (s->st.st_ino && lstat(s->path, &st) == 0 &&
	    st.st_ino == s->st.st_ino && st.st_dev == s->st.st_dev)
		unlink(s->path);
	if (s->made)
		rmdir(s->made);
	g_free(s->made);
	g_free(s->path);
	g_free(s);
}

int
control_socket_fd(const struct control_socket *s)
{
	return s->fd;
}
