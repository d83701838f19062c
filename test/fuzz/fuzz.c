/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <fcntl.h>
#include <unistd.h>

const char *
fuzz_file(const void *data, size_t size)
{
	static char *path;
	int fd;

	if (!path)
		path = g_build_filename(g_get_tmp_dir(), FUZZ_FILE_NAME, NULL);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	g_assert(fd >= 0);
	g_assert(write(fd, data, size) == (ssize_t)size);
	close(fd);
	return path;
}
