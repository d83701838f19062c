/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

const char *
fuzz_file(const void *data, size_t size)
{
	static int fd = -1;

	if (fd < 0) {
		int made = memfd_create("fuzz", MFD_CLOEXEC);

		g_assert(made >= 0);
		fd = dup2(made, atoi(FUZZ_FILE_NAME));
		g_assert(fd >= 0);
		close(made);
	}
	g_assert(ftruncate(fd, 0) == 0);
	g_assert(pwrite(fd, data, size, 0) == (ssize_t)size);
	return "/proc/self/fd/" FUZZ_FILE_NAME;
}
