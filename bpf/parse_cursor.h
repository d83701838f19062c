/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse_cursor.h - how the parser goes through a packet's octets.
 *
 * For parse.h and its family.  It is written for the kernel's verifier, which
 * must see that each load is within the packet, and must not follow every
 * combination of headers to its end: pointers are made afresh from offsets.
 */
#ifndef PARSE_CURSOR_H
#define PARSE_CURSOR_H

#include "flow.h"

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* What is known of a packet beside its octets. */
struct packet {
	__u32 len;	/* with its layer 2 header, whole, even if cut below */
	__u32 gso_size; /* payload of a segment; 0: a single packet */
	__u32 gso_segs; /* 0: not known */
	__u32 wire_len; /* with every segment's headers; 0: not known */
	__u16 protocol; /* EtherType, where no Ethernet header comes first */
	__u16 vlan_tci; /* of a tag that is no longer in the data, else 0 */
};

enum {
	PARSE_NO_ETHERTYPE = 1, /* of struct packet's protocol */
	PARSE_MAX_AT = 16384,	/* octets of headers */
};

/* The verifier wants typed loads, which clang would else split to octets. */
#ifdef __bpf__
#define PARSE_LOAD(type, p) (*(const type *)(p))
/* What clang knows of X's range, the verifier of Linux 6.1 has forgotten once X
 * was on the stack: have it compared all the same. */
#define PARSE_FORGET(x) asm volatile("" : "+r"(x))
/* Makes the verifier forget what it knows of X, by a number unknown to it: so
 * that it goes on but once, whatever the way here. */
#define PARSE_BLUR(x, unknown)                                                 \
	asm volatile("%0 += %1\n%0 -= %1" : "+r"(x) : "r"(unknown))
#else
#define PARSE_FORGET(x)
#define PARSE_BLUR(x, unknown) ((void)(unknown))
#define PARSE_LOAD(type, p)                                                    \
	({                                                                     \
		type loaded_;                                                  \
		__builtin_memcpy(&loaded_, p, sizeof(loaded_));                \
		loaded_;                                                       \
	})
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PARSE_BE16(p) __builtin_bswap16(PARSE_LOAD(__u16, p))
#define PARSE_BE32(p) __builtin_bswap32(PARSE_LOAD(__u32, p))
#else
#define PARSE_BE16(p) PARSE_LOAD(__u16, p)
#define PARSE_BE32(p) PARSE_LOAD(__u32, p)
#endif

/* Where the parser is, and the lengths that it has found on its way. */
struct cursor {
	const __u8 *data;
	const __u8 *end;
	__u32 at; /* octets of DATA behind us */
	__u32 l2_len;
	__u32 l4_len;
	__u32 ip_len; /* layer 3 octets of the packet or skb */
};

/* The next N octets, or NULL.  A fresh pointer from an offset each time is what
 * lets the verifier see that loops over headers converge. */
static __always_inline const __u8 *
cursor_next(const struct cursor *c, __u32 n)
{
	const __u8 *p;
	__u32 at = c->at;

	PARSE_FORGET(at);
	if (at > PARSE_MAX_AT)
		return (const __u8 *)0;
	p = c->data + at;
	return p + n <= c->end ? p : (const __u8 *)0;
}

#endif
