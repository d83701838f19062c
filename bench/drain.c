/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drain.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "expire.h"

enum { BATCH = 16384 };

/* By then expire looks again at all that it found not due. */
#define LATER_NS (60 * CLOCK_SECOND_NS)

static void
push(void *to, struct record *record)
{
	*(uint64_t *)to += record->value.packets;
}

static void
flush(void *to)
{
	(void)to;
}

static double
since(uint64_t begin_ns)
{
	return (clock_boot_ns() - begin_ns) / 1000.0;
}

/* LATER_NS from now. */
static double
scan(struct expire *expire, struct probe *probe, enum expire_scan how,
     uint64_t later_ns)
{
	struct instant now = probe_now(probe);
	uint64_t begin = clock_boot_ns();

	now.boot_ns += later_ns;
	expire_begin(expire, how);
	for (;;) {
		switch (expire_step(expire, &now)) {
		case EXPIRE_RESTING:
			return since(begin);
		case EXPIRE_WAITING: /* nothing runs beside us */
			expire_grace_over(expire);
			break;
		default:
			break;
		}
	}
}

static struct drain
drain_table(struct probe *probe)
{
	const struct expire_timeouts timeouts = {
		.idle_ns = 1800 * CLOCK_SECOND_NS,
		.active_ns = 3600 * CLOCK_SECOND_NS,
	};
	uint64_t packets = 0;
	struct sink sink = { push, flush, &packets };
	struct stats stats = { 0 };
	struct expire *expire =
		expire_new(probe_table(probe), &timeouts, &sink, &stats);
	struct drain drain;

	scan(expire, probe, EXPIRE_DUE, 0); /* learns what is due when */
	drain.scan = scan(expire, probe, EXPIRE_DUE, 0);
	drain.visit = scan(expire, probe, EXPIRE_DUE, LATER_NS);
	drain.harvest = scan(expire, probe, EXPIRE_DRAIN, LATER_NS);
	drain.flows = stats.records_made;
	expire_free(expire);
	return drain;
}

static struct drain
drain_hash(const struct bpf_map *map)
{
	/* Of per-CPU maps each CPU's value is rounded up to words. */
	size_t value = (bpf_map__value_size(map) + 7) / 8 * 8 *
		       MAX(1, libbpf_num_possible_cpus());
	g_autofree char *keys = g_malloc0_n(BATCH, bpf_map__key_size(map));
	g_autofree char *values = g_malloc0_n(BATCH, value);
	uint64_t begin = clock_boot_ns();
	struct drain drain = { 0 };
	__u32 at, n;
	bool first = true;
	int result;

	do {
		n = BATCH;
		result = bpf_map_lookup_and_delete_batch(
			bpf_map__fd(map), first ? NULL : &at, &at, keys, values,
			&n, NULL);
		if (result && errno != ENOENT)
			return (struct drain){ 0 };
		drain.flows += n;
		first = false;
	} while (!result);
	drain.harvest = since(begin);
	return drain;
}

struct drain
drain_subject(const struct subject *subject)
{
	const struct bpf_map *map;

	if (subject->probe)
		return drain_table(subject->probe);
	map = subject_hash(subject);
	return map ? drain_hash(map) : (struct drain){ 0 };
}
