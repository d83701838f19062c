/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "../logged.h"
#include "../records.h"
#include "../tap.h"
#include "clock.h"
#include "group.h"

#define N	  3
#define FLOWS	  3000
#define HOLD_DOWN (30 * CLOCK_SECOND_NS)

struct end {
	unsigned n, n_flushed;
	bool up;
};

struct fixture {
	struct groups *groups;
	struct collector collectors[N];
	struct end ends[N];
	struct sink sinks[N]; /* the branches */
	unsigned n_sinks;
};

static uint64_t time_ns;

static uint64_t
now_ns(void)
{
	return time_ns;
}

static void
end_push(void *to, struct record *record)
{
	struct end *end = to;

	(void)record;
	end->n++;
}

static void
end_flush(void *to)
{
	struct end *end = to;

	end->n_flushed++;
}

static bool
is_up(void *to)
{
	return ((struct end *)to)->up;
}

static void
join_all(struct fixture *f)
{
	f->groups = groups_new(now_ns);
	f->n_sinks = 0;
	for (int i = 0; i < N; i++) {
		const struct group_member member = {
			.sink = { end_push, end_flush, &f->ends[i] },
			.healthy = is_up,
			.to = &f->ends[i],
		};

		f->n_sinks += groups_join(f->groups, &f->collectors[i], &member,
					  &f->sinks[f->n_sinks]);
	}
}

static void
setup(struct fixture *f, enum collector_mode mode, const char *group)
{
	static const char *const names[] = { "a", "b", "c" };

	memset(f, 0, sizeof(*f));
	time_ns = CLOCK_SECOND_NS;
	for (int i = 0; i < N; i++) {
		f->ends[i].up = true;
		f->collectors[i] = (struct collector){
			.name = (char *)names[i],
			.group = (char *)group,
			.mode = mode,
			.hold_down_ns = HOLD_DOWN,
		};
	}
	join_all(f);
}

static void
teardown(struct fixture *f)
{
	groups_free(f->groups);
	logged_expect("", NULL, NULL);
}

/* A burst of the Ith flow, or of its other direction; who got it. */
static int
push(struct fixture *f, unsigned i, bool back)
{
	struct end before[N];
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	memcpy(record.key.src_addr + 12, &i, sizeof(i));
	record.key.src_port = i;
	if (back) {
		struct flow_key key = record.key;

		memcpy(record.key.src_addr, key.dst_addr, 16);
		memcpy(record.key.dst_addr, key.src_addr, 16);
		record.key.src_port = key.dst_port;
		record.key.dst_port = key.src_port;
		record.key.direction = FLOW_EGRESS;
		record.key.if_index = 77;
		record.key.vlan_id = 5;
		record.key.tos = 4;
	}
	memcpy(before, f->ends, sizeof(before));
	sink_push(&f->sinks[0], &record);
	sink_flush(&f->sinks[0]);
	for (int end = 0; end < N; end++)
		if (f->ends[end].n != before[end].n)
			return end;
	return -1;
}

/* Each for itself, in a group or not. */
static void
test_mirror(void)
{
	struct fixture f;

	setup(&f, COLLECTOR_MIRROR, "g");
	g_assert_cmpuint(f.n_sinks, ==, N);
	g_assert_true(f.sinks[2].to == &f.ends[2]);
	teardown(&f);
	setup(&f, COLLECTOR_BALANCE, "");
	g_assert_cmpuint(f.n_sinks, ==, N);
	teardown(&f);
}

static void
test_balance(void)
{
	struct fixture f;

	setup(&f, COLLECTOR_BALANCE, "g");
	g_assert_cmpuint(f.n_sinks, ==, 1);
	for (unsigned i = 0; i < FLOWS; i++)
		g_assert_cmpint(push(&f, i, false), ==, push(&f, i, true));
	for (int i = 0; i < N; i++) {
		g_assert_cmpuint(f.ends[i].n, >, 2 * FLOWS / N * 9 / 10);
		g_assert_cmpuint(f.ends[i].n_flushed, ==, 2 * FLOWS);
	}
	teardown(&f);
}

/* Echo request and reply are one flow to collectors. */
static void
test_balance_icmp(void)
{
	struct record record;
	struct fixture f;
	unsigned before;

	setup(&f, COLLECTOR_BALANCE, "g");
	for (unsigned i = 0; i < 100; i++) {
		records_fill(&record, RECORDS_ICMP4);
		memcpy(record.key.src_addr + 12, &i, sizeof(i));
		before = f.ends[0].n;
		sink_push(&f.sinks[0], &record);
		record.key.dst_port = 0;
		sink_push(&f.sinks[0], &record);
		g_assert_cmpuint((f.ends[0].n - before) % 2, ==, 0);
	}
	teardown(&f);
}

/* One that is down moves its own flows, and gets them back. */
static void
test_balance_down(void)
{
	g_autofree int *owner = g_new(int, FLOWS);
	struct fixture f;

	setup(&f, COLLECTOR_BALANCE, "g");
	for (unsigned i = 0; i < FLOWS; i++)
		owner[i] = push(&f, i, false);
	f.ends[1].up = false;
	for (unsigned i = 0; i < FLOWS; i++) {
		int got = push(&f, i, false);

		g_assert_cmpint(got, !=, 1);
		if (owner[i] != 1)
			g_assert_cmpint(got, ==, owner[i]);
	}
	logged_expect("w group g: collector b is down, others take over\n",
		      NULL, NULL);
	f.ends[1].up = true;
	push(&f, 0, false);
	time_ns += HOLD_DOWN;
	for (unsigned i = 0; i < FLOWS; i++)
		g_assert_cmpint(push(&f, i, false), ==, owner[i]);
	logged_expect("i group g: collector b is used again\n", NULL, NULL);
	teardown(&f);
}

static void
test_failover(void)
{
	struct fixture f;

	setup(&f, COLLECTOR_FAILOVER, "g");
	g_assert_cmpint(push(&f, 1, false), ==, 0);
	f.ends[0].up = false;
	g_assert_cmpint(push(&f, 1, false), ==, 1);
	logged_expect("w group g: collector a is down, others take over\n",
		      NULL, NULL);
	f.ends[1].up = false;
	g_assert_cmpint(push(&f, 1, false), ==, 2);
	logged_expect("w group g: collector b is down, others take over\n",
		      NULL, NULL);
	f.ends[2].up = false;
	g_assert_cmpint(push(&f, 1, false), ==, 0);
	logged_expect("w group g: collector c is down, there is no other\n",
		      NULL, NULL);

	f.ends[1].up = true;
	g_assert_cmpint(push(&f, 1, false), ==, 0);
	time_ns += HOLD_DOWN;
	g_assert_cmpint(push(&f, 1, false), ==, 1);
	logged_expect("i group g: collector b is used again\n", NULL, NULL);
	teardown(&f);
}

/* It begins anew when it is down again, and ends to the nanosecond. */
static void
test_hold_down(void)
{
	struct fixture f;

	setup(&f, COLLECTOR_FAILOVER, "g");
	f.ends[0].up = false;
	push(&f, 1, false);
	f.ends[0].up = true;
	push(&f, 1, false);
	time_ns += HOLD_DOWN - 1;
	g_assert_cmpint(push(&f, 1, false), ==, 1);
	f.ends[0].up = false;
	push(&f, 1, false);
	f.ends[0].up = true;
	g_assert_cmpint(push(&f, 1, false), ==, 1);
	time_ns += HOLD_DOWN - 1;
	g_assert_cmpint(push(&f, 1, false), ==, 1);
	time_ns += 1;
	g_assert_cmpint(push(&f, 1, false), ==, 0);
	logged_expect("w group g: collector a is down, others take over\n"
		      "i group g: collector a is used again\n",
		      NULL, NULL);
	teardown(&f);
}

/* Who is down, or not up for long enough, is so for a new group, too. */
static void
test_inherit(void)
{
	struct groups *before;
	struct fixture f;

	setup(&f, COLLECTOR_FAILOVER, "g");
	f.ends[0].up = false;
	g_assert_cmpint(push(&f, 1, false), ==, 1);
	logged_expect("w group g: collector a is down, others take over\n",
		      NULL, NULL);
	f.ends[0].up = true;
	g_assert_cmpint(push(&f, 1, false), ==, 1);
	time_ns += HOLD_DOWN - 1;
	before = f.groups;
	join_all(&f);
	groups_inherit(f.groups, before);
	groups_free(before);
	g_assert_cmpint(push(&f, 1, false), ==, 1);
	f.ends[1].up = f.ends[2].up = false;
	g_assert_cmpint(push(&f, 1, false), ==, 0);
	logged_expect("w group g: collector b is down, others take over\n"
		      "w group g: collector c is down, there is no other\n",
		      NULL, NULL);
	time_ns += 1;
	g_assert_cmpint(push(&f, 1, false), ==, 0);
	logged_expect("i group g: collector a is used again\n", NULL, NULL);
	teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/group/mirror", test_mirror);
	g_test_add_func("/group/balance", test_balance);
	g_test_add_func("/group/balance-icmp", test_balance_icmp);
	g_test_add_func("/group/balance-down", test_balance_down);
	g_test_add_func("/group/failover", test_failover);
	g_test_add_func("/group/hold-down", test_hold_down);
	g_test_add_func("/group/inherit", test_inherit);
}

int
main(int argc, char **argv)
{
	int status = tap_main(argc, argv, add);

	logged_forget();
	return status;
}
