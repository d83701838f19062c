/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dedupe_owner.h"

#include <glib.h>

#include "clock.h"

/* No packet takes longer from one observation point to the next. */
#define PASSAGE_NS CLOCK_SECOND_NS

/* To which ends of flows are exact: the longest tick that kernels have. */
#define TICK_NS (CLOCK_SECOND_NS / 100)

#define BIT(direction) (1U << (direction))
#define BOTH	       (BIT(FLOW_INGRESS) | BIT(FLOW_EGRESS))

/* --- learning --------------------------------------------------------------
 */

static void
set_ended(struct dedupe_flow *flow, const struct record *record)
{
	uint32_t bit = BIT(record->key.direction);

	if (record->end_reason == END_ACTIVE ||
	    record->end_reason == END_FORCED)
		flow->ended &= ~bit;
	else
		flow->ended |= bit;
}

static void
set_last_in(struct dedupe_flow *flow, const struct record *record,
	    uint32_t point)
{
	flow->last_in_point = point;
	flow->last_in_ns = record->value.origin.first_ns;
}

static void
set_first(struct dedupe_flow *flow, const struct record *record, uint32_t point)
{
	uint8_t direction = record->key.direction;

	flow->first[direction] = (struct observer){
		.first_ns = record->value.origin.first_ns,
		.end_ns = record->boot_ns,
		.if_index = record->key.if_index,
		.point = point,
	};
	flow->known |= BIT(direction);
	flow->again &= ~BIT(direction);
	set_ended(flow, record);
	if (direction == FLOW_EGRESS)
		flow->from = record->value.origin.from_if_index;
	else if (flow->settled)
		set_last_in(flow, record, point);
}

static void
refresh_first(struct dedupe_flow *flow, const struct record *record)
{
	struct observer *first = &flow->first[record->key.direction];

	if (record->value.origin.first_ns > first->first_ns)
		flow->again |= BIT(record->key.direction);
	if ((flow->settled && flow->ended & BIT(record->key.direction)) ||
	    record->value.origin.first_ns < first->first_ns)
		first->first_ns = record->value.origin.first_ns;
	first->end_ns = MAX(first->end_ns, record->boot_ns);
	set_ended(flow, record);
}

static bool
is_quiet(const struct dedupe_rules *rules, const struct observer *observer,
	 const struct record *record)
{
	return record_start_boot_ns(record) >
	       observer->end_ns + rules->expire_ns;
}

static bool
begins_anew(const struct dedupe_rules *rules, const struct dedupe_flow *flow,
	    const struct record *record)
{
	return !flow->n_held &&
	       is_quiet(rules, &flow->first[FLOW_INGRESS], record) &&
	       is_quiet(rules, &flow->first[FLOW_EGRESS], record);
}

void
owner_learn(const struct dedupe_rules *rules, struct dedupe_flow *flow,
	    const struct record *record, uint32_t point)
{
	uint8_t direction = record->key.direction;
	const struct observer *first = &flow->first[direction];
	uint64_t first_ns = record->value.origin.first_ns;

	if (begins_anew(rules, flow, record))
		*flow = (struct dedupe_flow){ .key = flow->key };
	if (direction == FLOW_INGRESS && !flow->settled &&
	    first_ns >= flow->last_in_ns)
		set_last_in(flow, record, point);
	if (!(flow->known & BIT(direction)))
		set_first(flow, record, point);
	else if (first->point == point)
		refresh_first(flow, record);
	else if (!flow->settled && first_ns < first->first_ns)
		set_first(flow, record, point);
	else if (flow->settled && direction != flow->owner &&
		 is_quiet(rules, first, record))
		set_first(flow, record, point);
}

/* --- judging ---------------------------------------------------------------
 */

/* Its index may be another interface's by now. */
static bool
is_gone(const struct iftable *iftable, const struct observer *observer)
{
	const struct iface *iface = iftable_find(iftable, observer->if_index);

	return iface && (iface->gone || iface->born_ns > observer->end_ns);
}

/* For how long after its last packet the owner may still have to report. */
static uint64_t
patience_ns(const struct dedupe_rules *rules, const struct dedupe_flow *flow)
{
	if (flow->ended & BIT(flow->owner) ||
	    is_gone(rules->iftable, &flow->first[flow->owner]))
		return rules->expire_ns;
	return MAX(rules->expire_ns, rules->active_ns);
}

static bool
is_slots_first(const struct record *record)
{
	return record->total_packets == record->value.packets;
}

static bool
gives_up(const struct dedupe_rules *rules, const struct dedupe_flow *flow,
	 const struct record *record)
{
	const struct observer *owner = &flow->first[flow->owner];

	/* Two that began together saw the same packets, even if a short flow
	 * was over at the one before it reached the other. */
	if (record_start_boot_ns(record) > owner->end_ns &&
	    record->boot_ns > owner->end_ns + TICK_NS &&
	    (!is_slots_first(record) ||
	     record->value.origin.first_ns > owner->first_ns + PASSAGE_NS))
		return true;
	return record->boot_ns > owner->end_ns + patience_ns(rules, flow);
}

static void
take_over(struct dedupe_flow *flow, const struct record *record, uint32_t point)
{
	flow->before = flow->first[flow->owner].point;
	flow->before_ns = flow->first[flow->owner].end_ns;
	flow->before_direction = flow->owner;
	flow->inherited = true;
	if (flow->owner != record->key.direction)
		flow->known &= ~BIT(flow->owner);
	flow->owner = record->key.direction;
	flow->from = 0; /* a slot has it of the first packet */
	set_first(flow, record, point);
}

/* Whether it waited longer than the record with which another took over. */
static bool
is_from_before(const struct dedupe_flow *flow, const struct record *record,
	       uint32_t point)
{
	return flow->inherited && flow->before == point &&
	       flow->before_direction == record->key.direction &&
	       record->boot_ns <= flow->before_ns;
}

static void
settle(struct dedupe_flow *flow)
{
	const struct observer *in = &flow->first[FLOW_INGRESS];
	const struct observer *out = &flow->first[FLOW_EGRESS];

	if (flow->known == BOTH)
		flow->owner = out->first_ns < in->first_ns;
	else
		flow->owner = flow->known == BIT(FLOW_EGRESS);
	if (flow->last_in_ns > in->first_ns + PASSAGE_NS) /* it moved */
		flow->last_in_point = in->point;
	flow->settled = true;
}

/* Whether it is not new to POINT: not in its slot, or not in an earlier one. */
static bool
has_told(const struct dedupe_flow *flow, const struct record *record,
	 uint32_t point)
{
	uint8_t direction = record->key.direction;

	return !is_slots_first(record) ||
	       (flow->again & BIT(direction) &&
		flow->first[direction].point == point);
}

/* Whether the owner, too, may have seen what RECORD tells of, in a slot that is
 * not due yet.  It is an active timeout after the first packet that waits
 * there, or after the last report; and when it is scanned. */
static bool
may_tell(const struct dedupe_rules *rules, const struct dedupe_flow *flow,
	 const struct record *record)
{
	uint64_t wait_ns = rules->active_ns + rules->active_ns / 2;

	return record->end_reason != END_FORCED &&
	       rules->now_ns < record->boot_ns + wait_ns &&
	       !is_gone(rules->iftable, &flow->first[flow->owner]);
}

enum verdict
owner_judge(const struct dedupe_rules *rules, struct dedupe_flow *flow,
	    const struct record *record, uint32_t point, unsigned n_scans)
{
	bool told = has_told(flow, record, point);

	/* When all flows were reported, nobody has anything to add. */
	if (record->end_reason == END_FORCED)
		n_scans = OWNER_MAX_SCANS;
	if (!flow->settled && n_scans < 2)
		return VERDICT_WAIT;
	if (!flow->settled)
		settle(flow);
	if (record->key.direction == flow->owner &&
	    flow->first[flow->owner].point == point)
		return VERDICT_PASS;
	if (is_from_before(flow, record, point))
		return VERDICT_PASS;
	if (!gives_up(rules, flow, record))
		return VERDICT_DUPLICATE;
	/* Who sees it in its new place knows better than who saw it all the
	 * time. */
	if (n_scans < (told ? OWNER_MAX_SCANS : 2))
		return VERDICT_WAIT;
	if (told && may_tell(rules, flow, record))
		return VERDICT_WAIT;
	take_over(flow, record, point);
	return VERDICT_PASS;
}

/* --- what is known ---------------------------------------------------------
 */

uint32_t
owner_point(const struct iftable *iftable, const struct record *record)
{
	uint32_t index = record->key.if_index;
	const struct iface *iface =
		iftable_find_at(iftable, index, record->boot_ns);
	const struct iface *master;

	if (!iface || !iface->master)
		return index;
	master = iftable_find_at(iftable, iface->master, record->boot_ns);
	if (!master ||
	    (master->kind != IFACE_BOND && master->kind != IFACE_TEAM))
		return index;
	return ~master->index; /* not the bond itself, which sees all of it */
}

/* Of a bond's ports, the bond. */
static uint32_t
point_index(uint32_t point)
{
	return (int32_t)point < 0 ? ~point : point;
}

uint32_t
owner_in(const struct dedupe_flow *flow, const struct record *record,
	 uint32_t point)
{
	bool own = record->key.direction == FLOW_INGRESS;

	if (own && flow->first[FLOW_INGRESS].point != point)
		return record->key.if_index; /* from before */
	if (flow->known & BIT(FLOW_EGRESS) && flow->from)
		return flow->from;
	if (own && flow->last_in_point == point)
		return record->key.if_index;
	return point_index(flow->last_in_point);
}

uint32_t
owner_out(const struct dedupe_flow *flow, const struct record *record,
	  uint32_t point)
{
	const struct observer *first = &flow->first[FLOW_EGRESS];

	if (record->key.direction == FLOW_EGRESS && first->point == point)
		return record->key.if_index;
	return flow->known & BIT(FLOW_EGRESS) ? point_index(first->point) : 0;
}
