/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "group.h"

#include <string.h>

#include "log.h"

struct member {
	struct group_member member;
	const struct collector *collector;
	uint64_t salt;
	bool used;	/* gets records */
	uint64_t up_ns; /* since when it is up; 0: it is down */
};

struct group {
	struct groups *groups;
	const char *name;
	int mode; /* enum collector_mode */
	bool in_burst;
	unsigned n_used;
	GArray *members; /* of struct member */
};

struct groups {
	uint64_t (*now_ns)(void);
	GPtrArray *all; /* of struct group */
};

static struct member *
member_at(const struct group *group, guint i)
{
	return &g_array_index(group->members, struct member, i);
}

/* The finalizer of MurmurHash3: all bits depend on all. */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 33) * 0xff51afd7ed558ccdULL;
	x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

static uint64_t
hash_end(const uint8_t address[16], uint16_t port)
{
	uint64_t words[2];

	memcpy(words, address, sizeof(words));
	return mix(mix(mix(words[0]) ^ words[1]) + port);
}

/* Of the ends as a pair without order, and the protocol.  What is behind ICMP's
 * port differs with the direction. */
static uint64_t
hash_flow(const struct record *record)
{
	const struct flow_key *key = &record->key;
	bool ports = !record_is_icmp(record);

	return mix(hash_end(key->src_addr, ports ? key->src_port : 0) +
		   hash_end(key->dst_addr, ports ? key->dst_port : 0) +
		   key->protocol);
}

/* The highest of all weights: one that leaves or comes moves its own flows and
 * no others (rendezvous hashing). */
static struct member *
pick_balanced(const struct group *group, const struct record *record)
{
	uint64_t hash = hash_flow(record), most = 0;
	struct member *best = NULL;

	for (guint i = 0; i < group->members->len; i++) {
		struct member *member = member_at(group, i);
		uint64_t weight = mix(hash ^ member->salt);

		if (group->n_used > 0 && !member->used)
			continue;
		if (!best || weight > most) {
			best = member;
			most = weight;
		}
	}
	return best ?: member_at(group, 0);
}

static struct member *
pick_first(const struct group *group)
{
	for (guint i = 0; i < group->members->len; i++)
		if (member_at(group, i)->used)
			return member_at(group, i);
	return member_at(group, 0);
}

static void
use(struct group *group, struct member *member, bool used)
{
	if (member->used == used)
		return;
	member->used = used;
	group->n_used += used ? 1 : -1;
	if (used)
		log_info("group %s: collector %s is used again", group->name,
			 member->collector->name);
	else
		log_warning("group %s: collector %s is down, %s", group->name,
			    member->collector->name,
			    group->n_used ? "others take over"
					  : "there is no other");
}

static void
look_at(struct group *group, struct member *member, uint64_t now_ns)
{
	if (!member->member.healthy(member->member.to)) {
		member->up_ns = 0;
		use(group, member, false);
		return;
	}
	if (!member->up_ns)
		member->up_ns = now_ns;
	if (now_ns - member->up_ns >= member->collector->hold_down_ns)
		use(group, member, true);
}

static void
push(void *to, struct record *record)
{
	struct group *group = to;
	uint64_t now_ns;

	if (!group->in_burst) {
		now_ns = group->groups->now_ns();
		for (guint i = 0; i < group->members->len; i++)
			look_at(group, member_at(group, i), now_ns);
		group->in_burst = true;
	}
	sink_push(&(group->mode == COLLECTOR_BALANCE
			    ? pick_balanced(group, record)
			    : pick_first(group))
			   ->member.sink,
		  record);
}

static void
flush(void *to)
{
	struct group *group = to;

	group->in_burst = false;
	for (guint i = 0; i < group->members->len; i++)
		sink_flush(&member_at(group, i)->member.sink);
}

static void
group_free(gpointer data)
{
	struct group *group = data;

	g_array_unref(group->members);
	g_free(group);
}

static struct group *
find(const struct groups *groups, const char *name)
{
	for (guint i = 0; i < groups->all->len; i++) {
		struct group *group = groups->all->pdata[i];

		if (strcmp(group->name, name) == 0)
			return group;
	}
	return NULL;
}

static struct group *
add(struct groups *groups, const struct collector *collector)
{
	struct group *group = g_new0(struct group, 1);

	group->groups = groups;
	group->name = collector->group;
	group->mode = collector->mode;
	group->members = g_array_new(FALSE, FALSE, sizeof(struct member));
	g_ptr_array_add(groups->all, group);
	return group;
}

/* All are taken to be up, until a burst tells. */
bool
groups_join(struct groups *groups, const struct collector *collector,
	    const struct group_member *member, struct sink *sink)
{
	const struct member joins = {
		.member = *member,
		.collector = collector,
		.salt = mix(g_str_hash(collector->name)),
		.used = true,
		.up_ns = groups->now_ns(),
	};
	struct group *group;

	*sink = member->sink;
	if (!*collector->group || collector->mode == COLLECTOR_MIRROR)
		return true;
	group = find(groups, collector->group);
	*sink = (struct sink){ .push = push, .flush = flush };
	sink->to = group ? group : add(groups, collector);
	g_array_append_val(((struct group *)sink->to)->members, joins);
	((struct group *)sink->to)->n_used++;
	return !group;
}

static void
inherit(struct group *group, const struct groups *before, struct member *member)
{
	for (guint i = 0; i < before->all->len; i++) {
		const struct group *other = before->all->pdata[i];

		for (guint j = 0; j < other->members->len; j++) {
			const struct member *was = member_at(other, j);

			if (was->member.to != member->member.to)
				continue;
			group->n_used += was->used - member->used;
			member->used = was->used;
			member->up_ns = was->up_ns;
		}
	}
}

void
groups_inherit(struct groups *groups, const struct groups *before)
{
	for (guint i = 0; i < groups->all->len; i++) {
		struct group *group = groups->all->pdata[i];

		for (guint j = 0; j < group->members->len; j++)
			inherit(group, before, member_at(group, j));
	}
}

struct groups *
groups_new(uint64_t (*now_ns)(void))
{
	struct groups *groups = g_new0(struct groups, 1);

	groups->now_ns = now_ns;
	groups->all = g_ptr_array_new_with_free_func(group_free);
	return groups;
}

void
groups_free(struct groups *groups)
{
	if (!groups)
		return;
	g_ptr_array_unref(groups->all);
	g_free(groups);
}
