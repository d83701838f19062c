/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file of a template set; and what each protocol makes of it.
 */
#include "fuzz.h"
#include "protocols.h"
#include "template_parse.h"

static struct template_set *
parse(const uint8_t *data, size_t size)
{
	struct template_set *set = g_new0(struct template_set, 1);
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autoptr(GError) error = NULL;

	set->name = g_strdup("fuzz");
	/* There it is for those who include it. */
	set->path = g_strdup(fuzz_file(data, size));
	if (template_parse(set, text, &error))
		return set;
	g_assert(*error->message);
	template_set_free(set);
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct template_set *set = parse(data, size);
	struct record records[RECORDS_N];

	for (int i = 0; i < RECORDS_N; i++)
		records_fill(&records[i], i);
	if (set)
		protocols_check(set, records, RECORDS_N);
	template_set_free(set);
	return 0;
}
