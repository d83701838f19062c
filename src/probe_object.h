/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe_object.h - bpf/flow.bpf.c in the kernel: its maps and programs.
 *
 * One source, built twice; which of them is loaded, nobody needs to know later.
 * For probe's own files.
 */
#ifndef PROBE_OBJECT_H
#define PROBE_OBJECT_H

#include <bpf/libbpf.h>

#include "flowtable.h"

struct probe_object {
	struct bpf_object *object;
	struct bpf_map *tags, *hot, *cold, *extremes;
	struct bpf_map *cpus, *clock, *grace, *overflow;
	struct bpf_program *now;
	/* By enum flow_direction, and whether there is no layer 2. */
	struct bpf_program *program[2][2];
};

/* Loads the build that is PARTITIONED or not, with TUNABLES, which say how
 * large the table is, and OVERFLOW octets of ring buffer if it has one.  0 or a
 * negative errno; close it in either case. */
int probe_object_load(struct probe_object *object, bool partitioned,
		      const struct flow_tunables *tunables, uint32_t overflow);
void probe_object_close(struct probe_object *object);

#endif
