/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - what the fuzz targets have in common.
 *
 * A target is a file fuzz-NAME.c with the one function that libFuzzer calls
 * with octets of its making.  What must hold of them is asserted there, so that
 * a wrong answer is found as well as a wrong access.  test/fuzz/seeds.py makes
 * what a target begins with, out of test/data.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Octets that are not yet used. */
struct fuzz {
	const uint8_t *at;
	size_t left;
};

/* The next N octets, up to eight, as a number: the first is the lowest.  Behind
 * the end there are zeros. */
static inline uint64_t
fuzz_uint(struct fuzz *fuzz, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n && fuzz->left > 0; i++, fuzz->left--)
		value |= (uint64_t)*fuzz->at++ << 8 * i;
	return value;
}

/* Copies the next LEN octets; behind the end, zeros. */
static inline void
fuzz_copy(struct fuzz *fuzz, void *to, size_t len)
{
	size_t n = MIN(len, fuzz->left);

	memset(to, 0, len);
	if (n > 0)
		memcpy(to, fuzz->at, n);
	fuzz->at += n;
	fuzz->left -= n;
}

/* The path of a file with these octets, the only one in $TMPDIR: its name is
 * FUZZ_FILE_NAME, so that a file can include itself. */
#define FUZZ_FILE_NAME "itself"
const char *fuzz_file(const void *data, size_t size);

#endif
