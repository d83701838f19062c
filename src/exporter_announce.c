/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exporter_announce.h"

#include "clock.h"
#include "timetable.h"

#define DISTANCE_NS 10000000 /* between messages of options data */
#define NONE	    -1

struct announce {
	struct announce_args args;
	bool missed;	    /* the collector may lack templates */
	int next;	    /* message of templates, or NONE */
	uint32_t n_records; /* messages with records since templates went out */
	struct timetable *templates; /* NULL: they do not get lost */

	struct notices *notices; /* NULL: none */
	bool round_due;
	bool full;	  /* a message of them is, or the round is over */
	uint64_t told_ns; /* when the last one went */
	struct timetable *rounds; /* NULL: only one for a session */

	bool beat_due;
	struct timetable *beats; /* NULL: the protocol has none */
};

static void
again(struct announce *announce)
{
	announce->missed = false;
	announce->next = 0;
}

static bool
enough_messages(const struct announce *announce)
{
	uint32_t limit = announce->args.collector->template_refresh_packets;

	return limit && announce->n_records >= limit &&
	       !announce->args.reliable;
}

static void
on_templates_due(void *to)
{
	struct announce *announce = to;

	again(announce);
	announce->args.due(announce->args.to);
}

static void
on_round_due(void *to)
{
	struct announce *announce = to;

	announce->round_due = true;
	announce->args.due(announce->args.to);
}

static void
on_beat_due(void *to)
{
	struct announce *announce = to;

	announce->beat_due = true;
	announce->args.due(announce->args.to);
}

void
announce_up(struct announce *announce)
{
	announce->round_due = announce->notices;
	again(announce);
}

/* Only so often does the collector's host tell that nobody listens: its last
 * refusal may go unseen, so the early announcements are made again. */
void
announce_missed(struct announce *announce)
{
	announce->missed = true;
	if (!announce->templates) {
		announce->round_due = announce->notices;
		return;
	}
	timetable_again(announce->templates);
	if (announce->rounds)
		timetable_again(announce->rounds);
}

void
announce_sent(struct announce *announce)
{
	announce->n_records++;
}

void
announce_burst(struct announce *announce)
{
	if (announce->templates && timetable_slept(announce->templates))
		announce_missed(announce);
	if (announce->missed || enough_messages(announce))
		again(announce);
}

void
announce_amid(struct announce *announce)
{
	if (enough_messages(announce))
		again(announce);
}

static bool
take_templates(struct announce *announce, uint64_t wall_ns,
	       struct message *message)
{
	const struct announce_args *args = &announce->args;

	if (announce->next == NONE)
		return false;
	if (args->encode->announce(args->encoder, announce->next++, wall_ns,
				   message))
		return true;
	announce->next = NONE;
	announce->n_records = 0;
	return false;
}

static bool
keeps_distance(const struct announce *announce)
{
	return announce->args.hasty ||
	       clock_boot_ns() - announce->told_ns >= DISTANCE_NS;
}

/* What was begun before is taken first, and what ends a round is not kept for
 * records to fill it. */
static bool
take_notices(struct announce *announce, uint64_t wall_ns,
	     struct message *message)
{
	const struct announce_args *args = &announce->args;

	if (!announce->full && notices_left(announce->notices)) {
		if (!keeps_distance(announce))
			return false;
		while (notices_add(announce->notices))
			;
		announce->full = true;
		announce->told_ns = clock_boot_ns();
	}
	if (!announce->full)
		return false;
	announce->full = args->encode->take(args->encoder, wall_ns, message);
	if (!announce->full)
		return false;
	if (notices_left(announce->notices))
		announce->full = false;
	return true;
}

bool
announce_take(struct announce *announce, uint64_t wall_ns,
	      struct message *message)
{
	if (take_templates(announce, wall_ns, message))
		return true;
	if (!announce->notices || announce->missed)
		return false;
	if (announce->beat_due) {
		announce->beat_due = false;
		notices_beat(announce->notices, wall_ns, message);
		return true;
	}
	if (announce->round_due) {
		announce->round_due = false;
		notices_begin(announce->notices, wall_ns);
	}
	return take_notices(announce, wall_ns, message);
}

bool
announce_pending(const struct announce *announce)
{
	return announce->next != NONE;
}

bool
announce_left(const struct announce *announce)
{
	return announce_pending(announce) ||
	       (announce->notices && !announce->missed &&
		(announce->beat_due || announce->round_due || announce->full ||
		 notices_left(announce->notices)));
}

void
announce_tell(struct announce *announce, struct notices *notices)
{
	uint64_t every_ns = announce->args.collector->options_refresh_ns;
	bool early = !announce->args.reliable;

	announce->notices = notices;
	announce->round_due = true;
	if (every_ns || early)
		announce->rounds =
			timetable_new(every_ns, early, on_round_due, announce);
	if (!announce->args.encode->beat)
		return;
	announce->beat_due = true;
	announce->beats = timetable_new(ENCODE_BEAT_S * CLOCK_SECOND_NS, false,
					on_beat_due, announce);
}

struct announce *
announce_new(const struct announce_args *args)
{
	struct announce *announce = g_new0(struct announce, 1);

	announce->args = *args;
	announce->missed = true;
	announce->next = NONE;
	if (!args->reliable)
		announce->templates =
			timetable_new(args->collector->template_refresh_ns,
				      true, on_templates_due, announce);
	return announce;
}

void
announce_free(struct announce *announce)
{
	if (!announce)
		return;
	timetable_free(announce->templates);
	timetable_free(announce->rounds);
	timetable_free(announce->beats);
	g_free(announce);
}
