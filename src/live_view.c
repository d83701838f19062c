/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expire_survey.h"
#include "live.h"

#define SURVEY_BUCKETS 128

void
live_count(struct live *live)
{
	const struct live_view view = live_look(live);

	probe_counters(view.probe, &view.args->stats->kernel);
	if (view.overflow)
		overflow_count(view.overflow, &view.args->stats->kernel);
}

bool
live_survey(struct live *live, uint64_t *at,
	    void (*each)(const struct record *record, void *to), void *to)
{
	const struct live_view view = live_look(live);
	const struct expire *stage[] = {
		view.expire,
		view.overflow ? overflow_expire(view.overflow) : NULL,
	};
	uint64_t before = 0; /* buckets of the tables before this one */
	int left = SURVEY_BUCKETS;

	for (size_t i = 0; i < G_N_ELEMENTS(stage) && stage[i]; i++) {
		const struct expire_view table = expire_look(stage[i]);
		uint64_t end = before + flowtable_n_buckets(table.table);

		for (; *at < end && left; ++*at, left--)
			expire_survey(&table, *at - before, &view.now, each,
				      to);
		before = end;
	}
	return *at < before;
}
