/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows through two observation points, whose slots are scanned one after the
 * other, by the stages that do so live: each packet is told once.  Packets come
 * as seldom as an idle timeout, so that a flow goes on at one point when it has
 * ended at the other; timeouts change, and so does how often is scanned.
 */
#include "../tap.h"
#include "dedupe.h"
#include "expire.h"
#include "flowtable.h"

#define MS	(CLOCK_SECOND_NS / 1000)
#define TICK_NS (4 * MS)

enum {
	N_POINTS = 2,
	N_FLOWS = 400,
	DURATION_MS = 60000,
	IDLE_MS = 300,
	PASSAGE_US = 30,
};

struct point {
	struct table *table;
	struct expire *expire;
	struct flow_key key;
};

struct world {
	GRand *rand;
	struct iftable *iftable;
	struct dedupe *dedupe;
	struct stats stats;
	struct point points[N_POINTS];
	uint64_t next_ns[N_FLOWS]; /* when the next packet comes */
	uint32_t sent[N_FLOWS], told[N_FLOWS];
};

/* It is asked for by who has no argument of ours. */
static uint64_t now_ns;

static uint64_t
now(void)
{
	return now_ns;
}

static void
on_record(void *to, struct record *record)
{
	struct world *world = to;

	if (!record->duplicate)
		world->told[record->key.src_port] += record->value.packets;
}

static void
on_flush(void *to)
{
	(void)to;
}

/* A scan of all is over when both points' are. */
static void
push(void *to, struct record *record)
{
	const struct sink sink = dedupe_sink(((struct world *)to)->dedupe);

	sink_push(&sink, record);
}

static struct instant
instant(void)
{
	return (struct instant){
		.boot_ns = now_ns,
		.wall_ns = now_ns,
		.tick_ns = TICK_NS,
		.tick = now_ns / TICK_NS,
	};
}

static void
see(struct point *point, unsigned flow, uint64_t at_ns)
{
	struct flow_key key = point->key;
	struct flow_value value = {
		.octets = 100,
		.packets = 1,
		.last = at_ns / TICK_NS,
		.origin.first_ns = at_ns,
	};

	key.src_port = flow;
	flowtable_account(point->table, &key, &value);
}

static uint64_t
until_next(struct world *world, unsigned flow)
{
	uint64_t ns = IDLE_MS * MS - 2 * TICK_NS +
		      g_rand_double(world->rand) * 4 * TICK_NS;

	/* some pause, some talk much */
	if (flow % 4 == 0 && g_rand_int_range(world->rand, 0, 8) == 0)
		ns += g_rand_double(world->rand) * 2 * IDLE_MS * MS;
	if (flow % 4 == 1)
		ns = g_rand_double(world->rand) * 40 * MS;
	return ns;
}

/* Time passes; what comes meanwhile is seen by one point after the other. */
static void
pass(struct world *world, uint64_t ns)
{
	uint64_t end_ns = now_ns + ns;

	for (unsigned flow = 0; flow < N_FLOWS; flow++) {
		uint64_t *next_ns = &world->next_ns[flow];

		for (; *next_ns < end_ns; *next_ns += until_next(world, flow)) {
			see(&world->points[0], flow, *next_ns);
			see(&world->points[1], flow,
			    *next_ns + PASSAGE_US * 1000);
			world->sent[flow]++;
		}
	}
	now_ns = end_ns;
}

static void
scan_point(struct world *world, struct point *point, enum expire_scan how)
{
	enum expire_state state;

	expire_begin(point->expire, how);
	do {
		struct instant now = instant();

		state = expire_step(point->expire, &now);
		if (state == EXPIRE_WAITING) {
			pass(world, how == EXPIRE_DRAIN ? 0 : MS);
			expire_grace_over(point->expire);
		}
	} while (state != EXPIRE_RESTING);
}

static void
set_timeouts(struct world *world)
{
	const struct expire_timeouts timeouts = {
		.idle_ns = IDLE_MS * MS,
		.active_ns =
			g_rand_int_range(world->rand, 1, 3) * CLOCK_SECOND_NS,
	};

	for (int i = 0; i < N_POINTS; i++)
		expire_set(world->points[i].expire, &timeouts);
	dedupe_set(world->dedupe,
		   g_rand_int_range(world->rand, DEDUPE_MERGE, DEDUPE_MARK + 1),
		   30 * CLOCK_SECOND_NS, timeouts.active_ns);
}

static void
scan(struct world *world, enum expire_scan how)
{
	const struct sink sink = dedupe_sink(world->dedupe);
	unsigned first = g_rand_int_range(world->rand, 0, 2);

	for (unsigned i = 0; i < N_POINTS; i++) {
		scan_point(world, &world->points[(first + i) % 2], how);
		if (how != EXPIRE_DRAIN)
			pass(world, g_rand_double(world->rand) * 5 * MS);
		if (g_rand_int_range(world->rand, 0, 20) == 0)
			set_timeouts(world);
	}
	while (!sink_flush(&sink))
		;
}

static struct world *
world_new(uint32_t seed)
{
	struct world *world = g_new0(struct world, 1);
	const struct expire_timeouts timeouts = {
		.idle_ns = IDLE_MS * MS,
		.active_ns = CLOCK_SECOND_NS,
	};
	struct dedupe_args args = {
		.mode = DEDUPE_MERGE,
		.expire_ns = 30 * CLOCK_SECOND_NS,
		.active_ns = CLOCK_SECOND_NS,
		.flows_max = 8192,
		.held_max = 8192,
		.sink = { on_record, on_flush, world, NULL },
		.stats = &world->stats,
		.now_ns = now,
	};
	const struct sink sink = { push, on_flush, world, NULL };

	world->rand = g_rand_new_with_seed(seed);
	now_ns = 1000 * CLOCK_SECOND_NS;
	args.iftable = world->iftable = iftable_new();
	world->dedupe = dedupe_new(&args);
	for (unsigned i = 0; i < N_POINTS; i++) {
		struct point *point = &world->points[i];

		iftable_add(world->iftable, 1 + i, 0);
		point->table = flowtable_new(8192, false);
		for (int j = 0; j < FLOW_N_KEYS; j++)
			point->table->tunables.hash_key[j] =
				g_rand_int(world->rand);
		point->expire = expire_new(point->table, &timeouts, &sink,
					   &world->stats);
		point->key = (struct flow_key){
			.protocol = IPPROTO_UDP,
			.if_index = 1 + i,
			.direction = i ? FLOW_EGRESS : FLOW_INGRESS,
			.family = FLOW_IPV4,
		};
	}
	for (unsigned flow = 0; flow < N_FLOWS; flow++)
		world->next_ns[flow] = now_ns + until_next(world, flow);
	return world;
}

static void
world_free(struct world *world)
{
	for (unsigned i = 0; i < N_POINTS; i++) {
		expire_free(world->points[i].expire);
		flowtable_free(world->points[i].table);
	}
	dedupe_free(world->dedupe);
	iftable_free(world->iftable);
	g_rand_free(world->rand);
	g_free(world);
}

static void
test_once(gconstpointer seed)
{
	struct world *world = world_new(GPOINTER_TO_UINT(seed));
	uint64_t end_ns = now_ns + DURATION_MS * MS;

	while (now_ns < end_ns) {
		pass(world, g_rand_int_range(world->rand, 1, 4) * 100 * MS);
		scan(world, EXPIRE_DUE);
	}
	scan(world, EXPIRE_DRAIN);
	dedupe_end(world->dedupe);
	for (unsigned flow = 0; flow < N_FLOWS; flow++)
		g_assert_cmpuint(world->told[flow], ==, world->sent[flow]);
	world_free(world);
}

static void
add_tests(void)
{
	for (guint seed = 1; seed <= 4; seed++) {
		g_autofree char *name =
			g_strdup_printf("/dedupe-exact/once-%u", seed);

		g_test_add_data_func(name, GUINT_TO_POINTER(seed), test_once);
	}
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add_tests);
}
