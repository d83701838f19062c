/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expire_survey.h - a look at the flows that are open, which changes nothing.
 */
#ifndef EXPIRE_SURVEY_H
#define EXPIRE_SURVEY_H

#include "expire.h"

/* Hands EACH the flows of a bucket of the table that are not reported for good
 * yet, as what came since their last report, be that nothing. */
void expire_survey(const struct expire_view *view, uint32_t bucket,
		   const struct instant *now,
		   void (*each)(const struct record *record, void *to),
		   void *to);

#endif
