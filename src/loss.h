/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loss.h - tells the log that a collector's queue overflows.
 *
 * When it begins, after a minute, and then ever more rarely, up to once an
 * hour, for as long as it lasts; and when it is over.
 */
#ifndef LOSS_H
#define LOSS_H

#include <stdbool.h>
#include <stdint.h>

struct loss;

/* NAME, the collector's, is lent. */
struct loss *loss_new(const char *name);
void loss_free(struct loss *loss);

/* N records were dropped just now. */
void loss_note(struct loss *loss, uint64_t n);

/* Whether some were within the last minute or two. */
bool loss_lasts(const struct loss *loss);

#endif
