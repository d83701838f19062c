/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - the flow table.
 *
 * There is one in the project: plain C over plain memory.  The kernel programs
 * fill an instance in mmap-able BPF arrays that the daemon reads in place;
 * tests and captures have instances of their own.
 *
 * Slots stand in buckets of 16, whose tags (bits of the hash) fill one cache
 * line; a packet of a known flow touches that line and the slot's hot line.
 * A key may stand in either of two buckets.
 *
 * A slot belongs to one writer at a time, so there are no locks:
 *	FREE    -> BUSY -> LIVE   whoever accounts a packet of a new flow
 *	LIVE    -> CLOSING        the daemon, when the flow has ended
 *	CLOSING -> FREE           the daemon, after every program that may have
 *				  found the slot LIVE is over, and it was read
 *	LIVE    -> ENDED          whoever finds a TCP flow that saw FIN or RST,
 *				  and has a SYN, which begins another
 *	ENDED   -> CLOSING        the daemon, next time it looks
 * Two CPUs that begin the same flow at once make two slots of it: two records,
 * whose sum is exact.  So does a flow that lives in its second bucket when room
 * comes free in its first, which is tried first: none while there are half as
 * many flows as the table is made for, 0.5 % of them when it has as many.  To
 * look in both before each claim would cost every new flow a cache miss.
 *
 * The includer says where the memory of its struct table is, by functions that
 * return NULL for what is not there:
 *	struct flow_bucket *table_bucket(struct table *, __u32 bucket);
 *	struct flow_hot *table_hot(struct table *, __u32 slot);
 *	struct flow_origin *table_origin(struct table *, __u32 slot);
 *	struct flow_extremes *table_extremes(struct table *, __u32 slot);
 * by TABLE_EXTREMES(table) whether these are kept, by TABLE_TCP_END(table)
 * whether a connection is a flow of its own, by TABLE_FIRST_NS(value)
 * when a flow that begins with VALUE began, and by TABLE_SHARED whether several
 * CPUs account at once.
 */
#ifndef TABLE_H
#define TABLE_H

#include "flow.h"

enum table_result {
	TABLE_MERGED,
	TABLE_CREATED,
	TABLE_FULL, /* neither bucket has room */
};

/* A loop of 16 that mostly ends at its first turn: short code is faster. */
#ifdef __clang__
#define TABLE_NO_UNROLL _Pragma("clang loop unroll(disable)")
#else
#define TABLE_NO_UNROLL
#endif

typedef __u64 __attribute__((may_alias)) table_word;
typedef __u32 __attribute__((may_alias)) table_half;

/* The last word of a slot's key has marks that are not the key's. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define TABLE_KEY_MASK	  0x8000ffffffffffffULL
#define TABLE_MARKS_SHIFT 16
#else
#define TABLE_KEY_MASK	  0xffffffffffff8000ULL
#define TABLE_MARKS_SHIFT 0
#endif

#if TABLE_SHARED
#define TABLE_ADD(p, n)		__sync_fetch_and_add(p, n)
#define TABLE_OR(p, n)		__sync_fetch_and_or(p, n)
#define TABLE_SET(p, n)		__sync_lock_test_and_set(p, n)
#define TABLE_SWAP(p, old, new) __sync_bool_compare_and_swap(p, old, new)
#else
/* Another CPU, the daemon's, may read a slot as soon as its tag is written. */
#define TABLE_ORDER		({ asm volatile("" ::: "memory"); })
#define TABLE_ADD(p, n)		(*(p) += (n))
#define TABLE_OR(p, n)		(*(p) |= (n))
#define TABLE_SET(p, n)		(TABLE_ORDER, *(p) = (n))
#define TABLE_SWAP(p, old, new) (*(p) == (old) && (*(p) = (new), 1))
#endif

/*
 * NH, the universal hash of UMAC (RFC 4418 5.2), with secret keys: neither the
 * regular patterns of addresses and ports nor an adversary fill a bucket.
 */
static __always_inline __u64
table_hash(const volatile struct flow_tunables *tunables,
	   const struct flow_key *key)
{
	const table_half *w = (const table_half *)key;
	const volatile __u32 *k = tunables->hash_key;
	__u64 h = 0;

#pragma GCC unroll 6
	for (int i = 0; i < FLOW_N_KEYS; i += 2)
		h += (__u64)(__u32)(w[i] + k[i]) * (__u32)(w[i + 1] + k[i + 1]);
	h ^= h >> 32;
	h *= 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 32;
}

static __always_inline __u32
table_tag_of(__u64 hash)
{
	return (__u32)(hash >> 32) | TABLE_LIVE;
}

/* The first bucket's bits of hash become those of the second. */
static __always_inline __u32
table_other(__u32 spread, __u32 tag)
{
	return spread ^ tag * 0x5bd1e995;
}

/* A bucket, from 32 bits of hash: any number of buckets will do. */
static __always_inline __u32
table_reduce(__u32 hash, __u32 n_buckets)
{
	return (__u64)hash * n_buckets >> 32;
}

static __always_inline int
table_key_equal(const struct flow_hot *slot, const struct flow_key *key)
{
	const table_word *a = (const table_word *)&slot->key;
	const table_word *b = (const table_word *)key;

	return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) |
		 (a[4] ^ b[4]) | ((a[5] ^ b[5]) & TABLE_KEY_MASK));
}

union table_extremes {
	struct flow_extremes of;
	__u64 word;
};

/* Extremes settle soon, and are only read then.  A CPU that loses every try to
 * others has met four packets more extreme in a row. */
static __always_inline void
table_extend(struct flow_extremes *kept, const struct flow_extremes *of)
{
	for (int i = 0; i < 4; i++) {
		union table_extremes old, new;

		old.word = *(volatile table_word *)kept;
		new = old;
		if (of->min_len < old.of.min_len)
			new.of.min_len = of->min_len;
		if (of->max_len > old.of.max_len)
			new.of.max_len = of->max_len;
		if (of->min_ttl < old.of.min_ttl)
			new.of.min_ttl = of->min_ttl;
		if (of->max_ttl > old.of.max_ttl)
			new.of.max_ttl = of->max_ttl;
		if (new.word == old.word ||
		    TABLE_SWAP((table_word *)kept, old.word, new.word))
			return;
	}
}

/* How each member of a value accumulates in its slot, on any CPU at once. */
static __always_inline void
table_merge(struct table *table, __u32 at, struct flow_hot *slot,
	    const struct flow_value *value)
{
	struct flow_extremes *extremes;
	__u16 marks = flow_marks(value);

	TABLE_ADD(&slot->octets, value->octets);
	TABLE_ADD(&slot->packets, value->packets);
	if ((__s32)(value->last - slot->last) > 0)
		slot->last = value->last;
	if (marks & ~slot->key.marks)
		TABLE_OR((table_half *)&slot->key.direction,
			 (__u32)marks << TABLE_MARKS_SHIFT);
	if (!TABLE_EXTREMES(table))
		return;
	extremes = table_extremes(table, at);
	if (extremes)
		table_extend(extremes, &value->extremes);
}

/* Fills a BUSY slot, which nobody else reads. */
static __always_inline void
table_fill(struct table *table, __u32 at, struct flow_hot *slot,
	   const struct flow_key *key, const struct flow_value *value)
{
	struct flow_origin *origin = table_origin(table, at);
	struct flow_extremes *extremes;

	slot->key = *key;
	slot->key.marks |= flow_marks(value);
	slot->octets = value->octets;
	slot->packets = value->packets;
	slot->last = value->last;
	if (origin) {
		*origin = value->origin;
		origin->first_ns = TABLE_FIRST_NS(value);
	}
	if (!TABLE_EXTREMES(table))
		return;
	extremes = table_extremes(table, at);
	if (extremes)
		*extremes = value->extremes;
}

/* FIN or RST was seen, and here is the next connection's first packet.  Asked
 * of each packet, so the packet's own flags are looked at first. */
static __always_inline int
table_is_over(const struct flow_hot *slot, const struct flow_value *value)
{
	enum { FIN = 0x01, SYN = 0x02, RST = 0x04 };

	return value->tcp_flags & SYN && slot->key.marks & (FIN | RST);
}

/* Merges into the slot of that key, if the bucket has it. */
static __always_inline int
table_find(struct table *table, struct flow_bucket *bucket, __u32 first_slot,
	   __u32 tag, const struct flow_key *key,
	   const struct flow_value *value)
{
	TABLE_NO_UNROLL
	for (__u32 i = 0; i < FLOW_BUCKET; i++) {
		/* Start at a place of the key's own: short searches. */
		__u32 j = (i + (tag >> 28)) % FLOW_BUCKET;
		struct flow_hot *slot;

		if (*(volatile __u32 *)&bucket->tag[j] != tag)
			continue;
		slot = table_hot(table, first_slot + j);
		if (slot && table_key_equal(slot, key)) {
			if (TABLE_TCP_END(table) &&
			    table_is_over(slot, value)) {
				(void)TABLE_SWAP(&bucket->tag[j], tag,
						 TABLE_ENDED);
				continue;
			}
			table_merge(table, first_slot + j, slot, value);
			return 1;
		}
	}
	return 0;
}

/* Makes a slot of the bucket the key's, if one is free. */
static __always_inline int
table_claim(struct table *table, struct flow_bucket *bucket, __u32 first_slot,
	    __u32 tag, const struct flow_key *key,
	    const struct flow_value *value)
{
	TABLE_NO_UNROLL
	for (__u32 i = 0; i < FLOW_BUCKET; i++) {
		__u32 j = (i + (tag >> 28)) % FLOW_BUCKET;
		struct flow_hot *slot;

		if (*(volatile __u32 *)&bucket->tag[j] != TABLE_FREE ||
		    !TABLE_SWAP(&bucket->tag[j], TABLE_FREE, TABLE_BUSY))
			continue;
		slot = table_hot(table, first_slot + j);
		if (slot)
			table_fill(table, first_slot + j, slot, key, value);
		TABLE_SET(&bucket->tag[j], tag);
		return 1;
	}
	return 0;
}

/* Accounts VALUE, of one packet, to flow KEY, whose table_hash() is HASH. */
static __always_inline int
table_account(struct table *table, __u32 n_buckets, __u64 hash,
	      const struct flow_key *key, const struct flow_value *value)
{
	__u32 tag = table_tag_of(hash);
	__u32 spread = hash;

	for (int i = 0; i < 2; i++) {
		__u32 at = table_reduce(spread, n_buckets);
		struct flow_bucket *bucket = table_bucket(table, at);

		if (!bucket)
			break;
		if (table_find(table, bucket, at * FLOW_BUCKET, tag, key,
			       value))
			return TABLE_MERGED;
		if (table_claim(table, bucket, at * FLOW_BUCKET, tag, key,
				value))
			return TABLE_CREATED;
		spread = table_other(spread, tag);
	}
	return TABLE_FULL;
}

#endif
