/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"

#define LARGE_BLOCK (128 * 1024)

void
memory_begin(void)
{
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
}

#ifdef __has_feature /* clang's way to say it */
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

static void *
check(void *block, size_t size)
{
	if (block || !size || size >= LARGE_BLOCK)
		return block;
	log_no_memory();
	_exit(EXIT_FAILURE);
}

/* The one that we stand before, found at the first call: that is long before
 * main(). */
#define NEXT(name)                                                             \
	({                                                                     \
		static typeof(name) *next;                                     \
		next ?: (next = dlsym(RTLD_NEXT, #name));                      \
	})

void *
malloc(size_t size)
{
	return check(NEXT(malloc)(size), size);
}

void *
calloc(size_t n, size_t size)
{
	size_t all;

	return check(NEXT(calloc)(n, size),
		     __builtin_mul_overflow(n, size, &all) ? LARGE_BLOCK : all);
}

void *
realloc(void *old, size_t size)
{
	return check(NEXT(realloc)(old, size), size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return check(NEXT(aligned_alloc)(alignment, size), size);
}

int
posix_memalign(void **block, size_t alignment, size_t size)
{
	int result = NEXT(posix_memalign)(block, alignment, size);

	if (result == ENOMEM)
		check(NULL, size);
	return result;
}

#endif
