/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe_kernel.h - what the running kernel has of what the programs use.
 *
 * Found out by trying, never by its version: distributions carry features back.
 * For probe's own files.
 */
#ifndef PROBE_KERNEL_H
#define PROBE_KERNEL_H

#include <glib.h>
#include <stdbool.h>

struct probe_kernel {
	bool cmpxchg;	  /* atomic compare-and-swap (5.12; arm64: 5.18) */
	bool ring_buffer; /* BPF_MAP_TYPE_RINGBUF (5.8) */
};

/* Fails where the programs cannot run: the message names what lacks. */
bool probe_kernel_check(struct probe_kernel *kernel, GError **error);

#endif
