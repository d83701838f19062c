/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fault.c - a library to preload: the calls that a program makes fail in turn.
 *
 *	FAULT=memory | bpf	which are counted, and fail
 *	FAULT_AT=N		the first that does; 0: none
 *	FAULT_FOR=N		how many do (1)
 *	FAULT_ERRNO=N		of bpf: why (1, EPERM)
 *	FAULT_COUNT=FILE	eight octets, how many there were until now
 *
 * Memory is malloc() and its like, and mmap() where libc does not call it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

enum what { UNKNOWN, NONE, MEMORY, BPF };

static struct {
	enum what what;
	int error;
	uint64_t at, n;
	uint64_t *count, no_file;
	long (*syscall)(long number, ...);
	void *(*mmap)(void *at, size_t len, int protection, int flags, int fd,
		      off_t offset);
} fault;

static uint64_t
setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

/* Whichever way the program ends, the file has it. */
static uint64_t *
map_count(void)
{
	const char *file = getenv("FAULT_COUNT");
	int fd = file ? open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1;
	void *count = MAP_FAILED;

	if (fd < 0)
		return &fault.no_file;
	if (ftruncate(fd, sizeof(uint64_t)) == 0)
		count = fault.mmap(NULL, sizeof(uint64_t),
				   PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return count == MAP_FAILED ? &fault.no_file : count;
}

/* Others' constructors come before ours: the first call of all does it. */
static void
begin(void)
{
	const char *what = getenv("FAULT") ?: "";

	fault.what = NONE;
	fault.syscall = dlsym(RTLD_NEXT, "syscall");
	fault.mmap = dlsym(RTLD_NEXT, "mmap");
	fault.at = setting("FAULT_AT", 0);
	fault.n = setting("FAULT_FOR", 1);
	fault.error = setting("FAULT_ERRNO", EPERM);
	fault.count = map_count();
	if (strcmp(what, "memory") == 0)
		fault.what = MEMORY;
	else if (strcmp(what, "bpf") == 0)
		fault.what = BPF;
}

static bool
fails(enum what what, int error)
{
	uint64_t now;

	if (fault.what == UNKNOWN)
		begin();
	if (fault.what != what)
		return false;
	now = __atomic_add_fetch(fault.count, 1, __ATOMIC_RELAXED);
	if (!fault.at || now < fault.at || now - fault.at >= fault.n)
		return false;
	errno = error;
	return true;
}

static bool
no_memory(void)
{
	return fails(MEMORY, ENOMEM);
}

void *
malloc(size_t size)
{
	return no_memory() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return no_memory() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	return no_memory() ? NULL : __libc_realloc(old, size);
}

void *
memalign(size_t alignment, size_t size)
{
	return no_memory() ? NULL : __libc_memalign(alignment, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int
posix_memalign(void **to, size_t alignment, size_t size)
{
	void *got = memalign(alignment, size);

	if (!got)
		return ENOMEM;
	*to = got;
	return 0;
}

void *
mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return no_memory() ? MAP_FAILED
			   : fault.mmap(at, len, protection, flags, fd, offset);
}

void *
mmap64(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	return mmap(at, len, protection, flags, fd, offset);
}

/* As libbpf calls bpf(2), for which libc has no name. */
long
syscall(long number, ...)
{
	long argument[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		argument[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_bpf && fails(BPF, fault.error))
		return -1;
	return fault.syscall(number, argument[0], argument[1], argument[2],
			     argument[3], argument[4], argument[5]);
}
