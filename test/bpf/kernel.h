/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel.h - runs the kernel programs on packets of ours, and reads the table.
 *
 * They are those that the daemon loads, by its own loader; BPF_PROG_TEST_RUN
 * hands them one packet at a time, of the loopback device.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <glib.h>

#include "../packets.h"
#include "probe.h"

enum {
	KERNEL_IF_INDEX = 1,	  /* where every packet is */
	KERNEL_FROM_IF_INDEX = 7, /* where it came from */
};

/* A test's main(): as tap_main(), but who is not root skips it. */
int kernel_main(int argc, char **argv, void (*add)(void));

/* A probe with a table for MAX flows; it fails the test if there is none. */
struct probe *kernel_new(uint32_t max, bool precise);

/* Runs a program REPEAT times on the packet, all packet->len octets of DATA.
 * Devices without layer 2 have programs of their own. */
void kernel_run(struct probe *probe, enum flow_direction direction,
		const uint8_t *data, const struct packet *packet, int repeat);

/* The counters, since BEFORE. */
struct flow_counters kernel_counted(struct probe *probe,
				    const struct flow_counters *before);

uint32_t kernel_n_live(const struct table *table);
void kernel_clear(struct table *table);

/* Reads a slot, which is LIVE. */
void kernel_read(const struct table *table, uint32_t slot, struct flow_key *key,
		 struct flow_value *value);

/* Reads the one slot that is LIVE; it fails the test if there are others. */
void kernel_read_only(const struct table *table, struct flow_key *key,
		      struct flow_value *value);

#endif
