/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iftable.h - the interfaces that we know, by index.
 *
 * Rows are made and updated by ifwatch and lent to everybody else: a row stays
 * where it is until iftable_free(), even when its interface is gone, since
 * records of it may still be under way.  A lookup costs one hash probe.
 */
#ifndef IFTABLE_H
#define IFTABLE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct iface {
	uint32_t index;
	uint32_t type; /* ARPHRD_* */
	bool up;
	char name[IF_NAMESIZE];
};

struct iftable;

struct iftable *iftable_new(void);
void iftable_free(struct iftable *table);

/* The row of INDEX, or NULL. */
struct iface *iftable_find(const struct iftable *table, uint32_t index);

/* The row of INDEX; a new one, zeroed but for its index, if there is none. */
struct iface *iftable_add(struct iftable *table, uint32_t index);

/* Calls EACH for every row, in order of index. */
void iftable_each(const struct iftable *table,
		  void (*each)(struct iface *iface, void *to), void *to);

#endif
