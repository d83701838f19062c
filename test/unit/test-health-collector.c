/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a collector. */
#include <errno.h>

#include "../tap.h"
#include "../world.h"

static void
lose_route(struct world *w)
{
	world_be_down(w, ENETUNREACH, "cannot send");
}

static void
time_out(struct world *w)
{
	world_be_down(w, ETIMEDOUT, "cannot connect");
}

static void
be_unknown(struct world *w)
{
	world_be_down(w, 0, "cannot resolve nowhere.example");
}

static void
connect_slowly(struct world *w)
{
	w->transport.phase = TRANSPORT_CONNECTING;
	w->transport.since_ns = 980 * WORLD_S;
}

static void
connect_now(struct world *w)
{
	w->transport.phase = TRANSPORT_CONNECTING;
	w->transport.since_ns = 999 * WORLD_S;
}

static void
fill_queue(struct world *w)
{
	w->row->state.n_waiting = 100;
	w->row->dropped = (struct snapshot_gain){ 500, 77 };
}

static void
lose_messages(struct world *w)
{
	w->row->dropped = (struct snapshot_gain){ 500, 77 };
}

static void
be_too_long(struct world *w)
{
	lose_messages(w);
	w->transport.error = EMSGSIZE;
}

static void
fall_behind(struct world *w)
{
	w->row->state.n_waiting = 51;
}

static void
keep_up(struct world *w)
{
	w->row->state.n_waiting = 49;
}

static void
have_dropped(struct world *w)
{
	w->row->dropped.total = 500;
}

static const struct world_row rows[] = {
	{ "refused", world_refuse,
	  "!collector main has refused for 12 s: connection refused by "
	  "192.0.2.1:4739",
	  "start the collector there" },
	{ "no-route", lose_route, "!collector main has been down for 12 s",
	  "route" },
	{ "timeout", time_out, "!collector main has been down", "firewalls" },
	{ "unknown", be_unknown, "cannot resolve nowhere.example", "host" },
	{ "silent", connect_slowly, "!collector main has not answered for 20 s",
	  "firewalls" },
	{ "connecting", connect_now },
	{ "queue", fill_queue,
	  "!collector main: 77 records were dropped in the last minute, its "
	  "queue is full",
	  "a larger queue than 1048576 octets" },
	{ "lost", lose_messages,
	  "!collector main: 77 records were dropped in the last minute",
	  "look in the log" },
	{ "too-long", be_too_long,
	  "!collector main: 77 records were dropped in the last minute",
	  "lower its mtu" },
	{ "behind", fall_behind,
	  "!collector main falls behind: its queue is "
	  "51 % full",
	  "larger queue" },
	{ "keeps-up", keep_up },
	{ "dropped", have_dropped,
	  "-collector main: 500 records were dropped, none lately", NULL },
};

static void
test_words(void)
{
	struct world w;

	world_make(&w);
	g_assert_cmpstr(health_collector(&w.row->state), ==, "up");
	connect_now(&w);
	g_assert_cmpstr(health_collector(&w.row->state), ==, "connecting");
	world_refuse(&w);
	g_assert_cmpstr(health_collector(&w.row->state), ==, "refused");
	time_out(&w);
	g_assert_cmpstr(health_collector(&w.row->state), ==, "down");
	world_clear(&w);
}

static void
add(void)
{
	world_add(rows, G_N_ELEMENTS(rows));
	g_test_add_func("/health/words", test_words);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
