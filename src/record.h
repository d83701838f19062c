/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - one flow on its way through the daemon, and where stages send it.
 *
 * A stage is given its sink when it is made and knows nothing of what comes
 * after.  A record is lent for the length of push(); who wants to keep
 * something of it copies it.
 */
#ifndef RECORD_H
#define RECORD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "../bpf/flow.h"

struct iface; /* iftable.h */
struct meter; /* meter.h */

/* As IPFIX element 136, flowEndReason (RFC 5102 5.11.3). */
enum end_reason {
	END_IDLE = 1,
	END_ACTIVE = 2,
	END_TCP = 3,
	END_FORCED = 4,
	END_LACK = 5,
};

/* As IPFIX element 239, biflowDirection (RFC 5103 6.3). */
enum biflow_direction {
	BIFLOW_ARBITRARY = 0,
	BIFLOW_INITIATOR = 1, /* the source sent first */
};

/* The other direction of a flow, where one record tells of both. */
struct record_reverse {
	uint64_t octets;
	uint64_t start_ns;
	uint64_t end_ns; /* 0: this is not of both */
	uint32_t packets;
	uint16_t tcp_flags;
	uint8_t tos;
	uint8_t biflow; /* enum biflow_direction */
};

struct record {
	struct flow_key key;	 /* as the kernel wrote it */
	struct flow_value value; /* since the last report of this flow */
	uint64_t start_ns;	 /* wall clock, since the epoch; <= end_ns */
	uint64_t end_ns;
	uint64_t boot_ns; /* its end in boot time, which nobody sets */
	const struct iface *in; /* lent by iftable; either may be NULL */
	const struct iface *out;
	const struct meter *meter; /* lent; may be NULL */
	uint64_t total_octets;	   /* since the flow began */
	uint32_t total_packets;
	struct record_reverse reverse;
	uint8_t end_reason; /* enum end_reason */
	bool duplicate;
	uint8_t slack[8]; /* the plan loads eight octets at a time */
};

/* Whether the destination port is ICMP's type << 8 | code. */
static inline bool
record_is_icmp(const struct record *record)
{
	return record->key.protocol == (record->key.family == FLOW_IPV4
						? IPPROTO_ICMP
						: IPPROTO_ICMPV6);
}

/* Whether it is what ICMP is in the other version of IP. */
static inline bool
record_is_stray_icmp(const struct record *record)
{
	return record->key.protocol == (record->key.family == FLOW_IPV4
						? IPPROTO_ICMPV6
						: IPPROTO_ICMP);
}

/* Its start in boot time. */
static inline uint64_t
record_start_boot_ns(const struct record *record)
{
	return record->boot_ns - (record->end_ns - record->start_ns);
}

struct sink {
	void (*push)(void *to, struct record *record);
	void (*flush)(void *to); /* the burst is over: send what you hold */
	void *to;
	/* Whether flush did a part only and is to be called again, so that
	 * nothing takes long; NULL: never. */
	bool (*unfinished)(void *to);
};

static inline void
sink_push(const struct sink *sink, struct record *record)
{
	sink->push(sink->to, record);
}

/* Whether it is done. */
static inline bool
sink_flush(const struct sink *sink)
{
	sink->flush(sink->to);
	return !sink->unfinished || !sink->unfinished(sink->to);
}

#endif
