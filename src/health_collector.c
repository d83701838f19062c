/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health_rules.h"

#include <errno.h>
#include <inttypes.h>

#include "clock.h"

#define PATIENCE_NS	     (15 * CLOCK_SECOND_NS) /* for a first connection */
#define PERCENT		     100
#define FALLS_BEHIND_PERCENT 50 /* of its queue */

const char *
health_collector(const struct exporter_state *state)
{
	switch (state->transport->phase) {
	case TRANSPORT_UP:
		return "up";
	case TRANSPORT_CONNECTING:
		return "connecting";
	case TRANSPORT_DOWN:
		break;
	}
	return state->transport->error == ECONNREFUSED ? "refused" : "down";
}

static const char *
collector_remedy(const struct exporter_state *state)
{
	switch (state->transport->error) {
	case ECONNREFUSED:
		return "start the collector there, or correct its host, port "
		       "and transport";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "look at the route to it, and at the link";
	case ETIMEDOUT:
		return "look whether its host is up, and at firewalls on the "
		       "way";
	}
	return "look at its host and at the way to it";
}

void
health_down(const struct says *says, const struct snapshot_collector *collector)
{
	const struct exporter_state *state = &collector->state;
	const struct transport_state *transport = state->transport;

	if (transport->phase != TRANSPORT_DOWN)
		return;
	health_say(
		says,
		g_strdup_printf(
			"collector %s %s for %" PRIu64 " s: %s",
			state->collector->name,
			transport->error == ECONNREFUSED ? "has refused"
							 : "has been down",
			health_seconds(says->snapshot, transport->since_ns),
			*transport->text ? transport->text : "no reason known"),
		g_strdup(collector_remedy(state)));
}

void
health_silent(const struct says *says,
	      const struct snapshot_collector *collector)
{
	const struct exporter_state *state = &collector->state;
	const struct snapshot *snapshot = says->snapshot;

	if (state->transport->phase != TRANSPORT_CONNECTING ||
	    snapshot->boot_ns < state->transport->since_ns + PATIENCE_NS)
		return;
	health_say(
		says,
		g_strdup_printf(
			"collector %s has not answered for %" PRIu64 " s",
			state->collector->name,
			health_seconds(snapshot, state->transport->since_ns)),
		g_strdup("look whether its host is up, and at firewalls on the "
			 "way"));
}

static bool
is_full(const struct exporter_state *state, unsigned percent)
{
	return state->n_waiting * PERCENT >= state->n_max * percent;
}

static char *
dropped_remedy(const struct exporter_state *state)
{
	bool up = state->transport->phase == TRANSPORT_UP;

	if (up && state->transport->error == EMSGSIZE)
		return g_strdup("lower its mtu, or set it to \"auto\"");
	if (!is_full(state, FALLS_BEHIND_PERCENT))
		return g_strdup(up ? "look in the log for what became of them"
				   : "bring it back: what goes to it meanwhile "
				     "is lost");
	return g_strdup_printf(
		up ? "it takes less than we have: see what it is busy with, or "
		     "give it a larger queue than %" PRIu64 " octets, or a "
		     "higher rate"
		   : "bring it back: records wait no longer than its queue of "
		     "%" PRIu64 " octets lasts",
		state->collector->queue);
}

void
health_dropped(const struct says *says,
	       const struct snapshot_collector *collector)
{
	const struct exporter_state *state = &collector->state;

	if (!collector->dropped.lately)
		return;
	health_say(says,
		   g_strdup_printf("collector %s: %" PRIu64
				   " records were dropped in the last "
				   "minute%s",
				   state->collector->name,
				   collector->dropped.lately,
				   is_full(state, FALLS_BEHIND_PERCENT)
					   ? ", its queue is full"
					   : ""),
		   dropped_remedy(state));
}

void
health_queue(const struct says *says,
	     const struct snapshot_collector *collector)
{
	const struct exporter_state *state = &collector->state;

	if (state->transport->phase != TRANSPORT_UP ||
	    collector->dropped.lately || !is_full(state, FALLS_BEHIND_PERCENT))
		return;
	health_say(
		says,
		g_strdup_printf(
			"collector %s falls behind: its queue is %zu %% "
			"full",
			state->collector->name,
			state->n_waiting * PERCENT / state->n_max),
		g_strdup(
			"see what it is busy with, or give it a larger queue"));
}

void
health_dropped_once(const struct says *says,
		    const struct snapshot_collector *collector)
{
	if (collector->dropped.total && !collector->dropped.lately)
		health_say(says,
			   g_strdup_printf("collector %s: %" PRIu64
					   " records were dropped, none lately",
					   collector->state.collector->name,
					   collector->dropped.total),
			   NULL);
}
