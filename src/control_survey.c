/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_survey.h"

#define MAX_TRIES 3

static void
add_to_interface(struct survey *survey, const struct record *record)
{
	void *index = GUINT_TO_POINTER(record->key.if_index);
	struct control_traffic *traffic =
		g_hash_table_lookup(survey->traffic, index);
	struct iface_traffic *way;

	if (!traffic) {
		traffic = g_new0(struct control_traffic, 1);
		g_hash_table_insert(survey->traffic, index, traffic);
	}
	way = &traffic->way[record->key.direction];
	way->packets += record->value.packets;
	way->octets += record->value.octets;
}

static void
note(const struct record *record, void *to)
{
	struct survey *survey = to;

	survey->n_open++;
	add_to_interface(survey, record);
	biggest_offer(&survey->biggest, record);
}

static uint64_t
n_records(const struct survey *survey)
{
	return pipeline_stats(survey->pipeline)->records_made;
}

static void
start(struct survey *survey)
{
	survey->at = survey->n_open = 0;
	survey->n_records = n_records(survey);
	g_hash_table_remove_all(survey->traffic);
	g_array_set_size(survey->biggest.heap, 0);
}

/* Where records were made meanwhile, some are in these sums and in those of
 * records: once more. */
static gboolean
on_step(void *to)
{
	struct survey *survey = to;

	if (live_survey(pipeline_live(survey->pipeline), &survey->at, note,
			survey))
		return G_SOURCE_CONTINUE;
	if (n_records(survey) != survey->n_records &&
	    ++survey->tries < MAX_TRIES) {
		start(survey);
		return G_SOURCE_CONTINUE;
	}
	survey->source = 0;
	survey->done(survey->to, survey);
	return G_SOURCE_REMOVE;
}

void
survey_begin(struct survey *survey, const struct control_request *request)
{
	survey->traffic = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	biggest_init(&survey->biggest, request->sort, request->count);
	survey->tries = 0;
	start(survey);
	survey->source = g_idle_add(on_step, survey);
}

void
survey_clear(struct survey *survey)
{
	g_clear_handle_id(&survey->source, g_source_remove);
	g_clear_pointer(&survey->traffic, g_hash_table_unref);
	g_clear_pointer(&survey->biggest.heap, g_array_unref);
}
