/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "expire_survey.h"

#include "expire_record.h"

void
expire_survey(const struct expire_view *view, uint32_t bucket,
	      const struct instant *now,
	      void (*each)(const struct record *record, void *to), void *to)
{
	uint32_t slot = bucket * FLOW_BUCKET;
	struct record record;

	for (uint32_t end = slot + FLOW_BUCKET; slot < end; slot++) {
		if (!flowtable_is_open(view->table, slot))
			continue;
		expire_record(view->table, slot, view->reported, now, &record);
		each(&record, to);
	}
}
