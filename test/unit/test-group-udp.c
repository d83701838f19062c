/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../records.h"
#include "../sender.h"
#include "../tap.h"
#include "../udp.h"
#include "clock.h"
#include "group.h"

#define HOLD_DOWN (5 * CLOCK_SECOND_NS)

/* A group of one collector over UDP, and of another that takes over. */
struct fixture {
	struct sender s;
	struct collector other;
	uint64_t n_main, n_other; /* records */
	struct groups *groups;
	struct sink sink;
};

static uint64_t time_ns;

static uint64_t
now_ns(void)
{
	return time_ns;
}

static void
main_push(void *to, struct record *record)
{
	struct fixture *f = to;

	(void)record;
	f->n_main++;
	sender_send(&f->s, 'a', 10);
}

static void
main_flush(void *to)
{
	struct fixture *f = to;

	sender_flush(&f->s);
}

static bool
main_healthy(void *to)
{
	struct fixture *f = to;

	return transport_udp.healthy(f->s.transport);
}

static void
other_push(void *to, struct record *record)
{
	struct fixture *f = to;

	(void)record;
	f->n_other++;
}

static void
other_flush(void *to)
{
	(void)to;
}

static bool
other_healthy(void *to)
{
	(void)to;
	return true;
}

static void
join(struct fixture *f, struct collector *collector,
     const struct group_member *member)
{
	struct sink sink;

	collector->group = (char *)"pair";
	collector->mode = COLLECTOR_FAILOVER;
	collector->hold_down_ns = HOLD_DOWN;
	if (groups_join(f->groups, collector, member, &sink))
		f->sink = sink;
}

static void
setup(struct fixture *f)
{
	const struct group_member main = {
		{ main_push, main_flush, f },
		main_healthy,
		f,
	};
	const struct group_member other = {
		{ other_push, other_flush, f },
		other_healthy,
		f,
	};

	*f = (struct fixture){ .other.name = (char *)"other" };
	time_ns = CLOCK_SECOND_NS;
	sender_setup(&f->s, AF_INET, "127.0.0.1", "");
	f->groups = groups_new(now_ns);
	join(f, &f->s.collector, &main);
	join(f, &f->other, &other);
}

static void
teardown(struct fixture *f)
{
	groups_free(f->groups);
	sender_teardown(&f->s);
}

/* A burst of one record; whether the first collector got it. */
static bool
burst(struct fixture *f)
{
	uint64_t n = f->n_main + f->n_other, n_main = f->n_main;
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	sink_push(&f->sink, &record);
	sink_flush(&f->sink);
	g_assert_cmpuint(f->n_main + f->n_other, ==, n + 1);
	return f->n_main > n_main;
}

/* Somebody hears of it only after the burst that was refused. */
static void
refuse(struct fixture *f)
{
	uint64_t n = f->s.n_missed;

	udp_refuse(f->s.fd, true);
	g_assert_true(burst(f));
	udp_loop_until(&f->s.n_missed, n + 1);
	g_assert_false(burst(f));
	sender_assert_logged(&f->s,
			     "w collector main: connection refused by "
			     "127.0.0.1:PORT, still sending\n"
			     "w group pair: collector main is down, others "
			     "take over\n");
	udp_refuse(f->s.fd, false);
}

static void
give_back(struct fixture *f)
{
	g_assert_false(burst(f));
	time_ns += HOLD_DOWN - 1;
	g_assert_false(burst(f));
	time_ns++;
	g_assert_true(burst(f));
}

/* Templates go to who is down, too: when they are not refused any longer, it is
 * up. */
static void
test_templates(void)
{
	struct fixture f;

	setup(&f);
	g_assert_true(burst(&f));
	refuse(&f);
	for (int i = 0; i < 3; i++) {
		g_assert_false(burst(&f));
		sender_later(G_USEC_PER_SEC);
		sender_send(&f.s, 't', 10);
		sender_flush(&f.s);
	}
	give_back(&f);
	sender_assert_logged(&f.s, "i collector main: no more errors from "
				   "127.0.0.1:PORT\n"
				   "i group pair: collector main is used "
				   "again\n");
	teardown(&f);
}

/* Where there are none, as of JSON, it is given another chance. */
static void
test_silence(void)
{
	struct fixture f;

	setup(&f);
	refuse(&f);
	time_ns += 10 * HOLD_DOWN;
	sender_later(TRANSPORT_DOUBT_US - G_USEC_PER_SEC);
	g_assert_false(burst(&f));
	time_ns += HOLD_DOWN;
	g_assert_false(burst(&f));
	sender_later(G_USEC_PER_SEC);
	give_back(&f);
	sender_assert_logged(&f.s, "i group pair: collector main is used "
				   "again\n");
	teardown(&f);
}

/* That a message is too long is nobody's illness. */
static void
test_too_long(void)
{
	struct fixture f;

	setup(&f);
	sender_send(&f.s, 'a', 65508);
	sender_flush(&f.s);
	g_assert_cmpuint(f.s.stats.records_dropped, ==, SENDER_RECORDS);
	g_assert_true(burst(&f));
	teardown(&f);
}

static void
add(void)
{
	g_test_add_func("/group/udp/templates", test_templates);
	g_test_add_func("/group/udp/silence", test_silence);
	g_test_add_func("/group/udp/too-long", test_too_long);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
