/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * meter.h - what is equally true of every record: who observes, and how.
 *
 * Made by pipeline, lent to every record by decorate, and told to collectors in
 * options data.  Elements read it as they read a record, so each is a member.
 */
#ifndef METER_H
#define METER_H

#include <stdint.h>

struct meter {
	uint32_t domain;   /* observationDomainId */
	uint32_t interval; /* of sampling: 1 packet in so many; 1: all */
	uint32_t space;	   /* interval less the packet that is taken */
	uint8_t taken;	   /* that packet: 1 */
	uint8_t algorithm; /* samplingAlgorithm: 1 counts, 2 throws dice */
	uint8_t selector;  /* number, and RFC 5477 algorithm, of the selector */
	uint8_t selector_algorithm;
	uint8_t ipv4[4]; /* of the exporter; zeros: it has none, as in .ipv6 */
	uint8_t ipv6[16];
	uint32_t active_s; /* timeouts of flows */
	uint32_t idle_s;
	uint8_t slack[8]; /* the plan loads eight octets at a time */
};

/* 1 packet in INTERVAL, chosen at random if there is a choice (RFC 5477 8.2:
 * told as count-based, the only kind that collectors scale by). */
static inline struct meter
meter_make(uint32_t domain, uint32_t interval)
{
	return (struct meter){
		.domain = domain,
		.interval = interval,
		.space = interval - 1,
		.taken = 1,
		.algorithm = interval > 1 ? 2 : 1,
		.selector = 1,
		.selector_algorithm = 1,
	};
}

#endif
