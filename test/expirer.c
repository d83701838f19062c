/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expirer.h"

#include "tap.h"

#define SECOND CLOCK_SECOND_NS

/* As bpf/table.h has it, which only flowtable.c may include. */
enum { MERGED, CREATED, FULL };

static void
push(void *to, struct record *record)
{
	struct expirer *f = to;

	g_array_append_val(f->records, *record);
}

static void
flush(void *to)
{
	struct expirer *f = to;

	f->n_flushes++;
}

void
expirer_set_time(struct expirer *f, uint64_t boot_ns)
{
	f->now.boot_ns = boot_ns;
	f->now.wall_ns = EXPIRER_WALL_NS + boot_ns;
	f->now.tick_ns = EXPIRER_TICK_NS;
	f->now.tick = boot_ns / EXPIRER_TICK_NS;
}

struct expirer *
expirer_new(uint32_t max)
{
	const struct expire_timeouts timeouts = {
		.idle_ns = 15 * SECOND,
		.active_ns = 60 * SECOND,
		.tcp_end_ns = 2 * SECOND,
	};
	g_autoptr(GRand) rand = g_rand_new_with_seed(1959);
	struct expirer *f = g_new0(struct expirer, 1);
	struct sink sink = { push, flush, f };

	f->table = flowtable_new(max, false);
	f->table->tunables.tcp_end = true;
	/* Always the same, or in one run of a hundred some flow of a full
	 * table finds no room. */
	for (int i = 0; i < FLOW_N_KEYS; i++)
		f->table->tunables.hash_key[i] = g_rand_int(rand);
	f->records = g_array_new(FALSE, FALSE, sizeof(struct record));
	f->expire = expire_new(f->table, &timeouts, &sink, &f->stats);
	expirer_set_time(f, 1000 * SECOND);
	return f;
}

void
expirer_free(struct expirer *f)
{
	expire_free(f->expire);
	flowtable_free(f->table);
	g_array_unref(f->records);
	g_free(f);
}

struct flow_key
expirer_key(uint32_t flow)
{
	return (struct flow_key){
		.src_port = flow,
		.dst_port = flow >> 16,
		.protocol = IPPROTO_TCP,
		.if_index = 3,
		.family = FLOW_IPV4,
	};
}

bool
expirer_packet_of(struct expirer *f, const struct flow_key *key,
		  uint32_t octets, uint16_t tcp_flags)
{
	struct flow_value value = {
		.octets = octets,
		.packets = 1,
		.last = f->now.boot_ns / EXPIRER_TICK_NS,
		.tcp_flags = tcp_flags,
	};
	int result;

	value.origin.first_ns = f->now.boot_ns;
	result = flowtable_account(f->table, key, &value);
	f->stats.kernel.flows_created += result == CREATED;
	return result != FULL;
}

void
expirer_packet(struct expirer *f, uint32_t flow, uint32_t octets,
	       uint16_t tcp_flags)
{
	const struct flow_key key = expirer_key(flow);

	g_assert_true(expirer_packet_of(f, &key, octets, tcp_flags));
}

guint
expirer_scan(struct expirer *f, enum expire_scan how)
{
	enum expire_state state = EXPIRE_SCANNING;
	guint n_graces = 0;

	expire_begin(f->expire, how);
	while (state != EXPIRE_RESTING) {
		state = expire_step(f->expire, &f->now);
		if (state != EXPIRE_WAITING)
			continue;
		/* nothing moves before the grace period is over */
		g_assert_cmpint(expire_step(f->expire, &f->now), ==,
				EXPIRE_WAITING);
		expire_grace_over(f->expire);
		n_graces++;
	}
	stats_settle(&f->stats);
	return n_graces;
}

struct record *
expirer_record(struct expirer *f, guint i)
{
	g_assert_cmpuint(i, <, f->records->len);
	return &g_array_index(f->records, struct record, i);
}
