/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decorate.h - adds to a record the interfaces that its packets went through,
 * and what is true of all records.
 *
 * Seen on ingress, the flow came in there; seen on egress, it left there, and
 * the kernel knows where a forwarded one came in.
 */
#ifndef DECORATE_H
#define DECORATE_H

#include "iftable.h"
#include "meter.h"
#include "record.h"

struct decorate;

/* IFTABLE and METER are lent for the stage's life; interfaces that it does not
 * know get a row each, with nothing but their index, up to some thousand. */
struct decorate *decorate_new(struct iftable *iftable,
			      const struct meter *meter,
			      const struct sink *sink);
/* METER is told of from now on. */
void decorate_set_meter(struct decorate *decorate, const struct meter *meter);

void decorate_free(struct decorate *decorate);
struct sink decorate_sink(struct decorate *decorate);

#endif
