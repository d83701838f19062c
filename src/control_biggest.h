/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * control_biggest.h - the biggest of the flows that come by.
 *
 * A heap of as many as are wanted, the least of them on top: most flows cost
 * one comparison.
 */
#ifndef CONTROL_BIGGEST_H
#define CONTROL_BIGGEST_H

#include "control_request.h"
#include "record.h"

struct biggest {
	enum control_sort sort;
	guint max;
	GArray *heap; /* of struct record */
};

void biggest_init(struct biggest *biggest, enum control_sort sort, guint max);
void biggest_offer(struct biggest *biggest, const struct record *record);

/* All of them, the biggest first; the caller's. */
GArray *biggest_take(struct biggest *biggest);

#endif
