/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iftable.h - the interfaces that we know, and those that we knew, by index.
 *
 * Rows are made and updated by ifwatch and lent to everybody else, until
 * iftable_free().  One whose interface is gone stays, for its flows are
 * reported later than that, and reports may wait for their collector; an index
 * that is used again gets another row.  When IFTABLE_MAX_GONE have gone, the
 * first of them is the next interface's: who knows a row for hours knows its
 * index.
 *
 * A row takes some 400 octets, a lookup one hash probe.
 */
#ifndef IFTABLE_H
#define IFTABLE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#define IFTABLE_MAX_GONE 4096
#define IFACE_ALIAS_SIZE 256 /* the kernel's IFALIASZ */

/* What other interfaces it has to do with, and how. */
enum iface_kind {
	IFACE_PLAIN,
	IFACE_BOND, /* its ports have it as their master */
	IFACE_TEAM,
	IFACE_BRIDGE,
	IFACE_VLAN, /* on its link */
	IFACE_VETH, /* its link is its peer */
};

/* What came by an interface in a direction, by its records. */
struct iface_traffic {
	uint64_t packets;
	uint64_t octets;
};

struct iface {
	uint32_t index;
	uint32_t type; /* ARPHRD_* */
	uint32_t mtu;
	uint32_t master;  /* index of what it is a port of; 0: none */
	uint32_t link;	  /* index of what it stands on, or its peer; 0: none */
	uint8_t kind;	  /* enum iface_kind */
	bool link_abroad; /* link counts in another network namespace */
	bool up;	  /* can carry packets: UNKNOWN (RFC 2863) counts */
	bool gone;	  /* from this namespace */
	uint64_t born_ns; /* boot time, when we learned of it */
	uint8_t mac[6];	  /* zeros: it has none, as all addresses */
	uint8_t ipv4[4];  /* the first that others can reach */
	uint8_t ipv6[16];
	struct iface_traffic traffic[2]; /* by enum flow_direction */
	char name[IF_NAMESIZE];
	char alias[IFACE_ALIAS_SIZE]; /* what an administrator wrote */
};

struct iftable;

struct iftable *iftable_new(void);
void iftable_free(struct iftable *table);

/* The last row of INDEX, gone or not, or NULL. */
struct iface *iftable_find(const struct iftable *table, uint32_t index);

/* The row that INDEX had at a boot time, or NULL. */
const struct iface *iftable_find_at(const struct iftable *table, uint32_t index,
				    uint64_t boot_ns);

/* A record tells of so much at INDEX, at a boot time. */
void iftable_count(const struct iftable *table, uint32_t index, int direction,
		   uint64_t boot_ns, const struct iface_traffic *traffic);

/* The row of INDEX; if there is none that is not gone, a new one, born at
 * BOOT_NS and else zeroed. */
struct iface *iftable_add(struct iftable *table, uint32_t index,
			  uint64_t boot_ns);

/* It is gone; the row stays. */
void iftable_remove(struct iftable *table, struct iface *iface);

/* Calls EACH, which may remove it, for every row that is not gone, in order of
 * index. */
void iftable_each(const struct iftable *table,
		  void (*each)(struct iface *iface, void *to), void *to);

#endif
