/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overflow_ring.h - the kernel's ring buffer as a source of overflow.
 *
 * Its map can be polled: what comes in wakes who has read all (live_beat.h).
 */
#ifndef OVERFLOW_RING_H
#define OVERFLOW_RING_H

#include <glib.h>

#include "overflow.h"

struct overflow_ring;

/* FD is that of the map, and lent. */
struct overflow_ring *overflow_ring_new(int fd, GError **error);
void overflow_ring_free(struct overflow_ring *ring);
struct overflow_source overflow_ring_source(struct overflow_ring *ring);

#endif
