/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gio/gio.h>
#include <string.h>

#include "template.h"

static void
append(struct template *template, const struct field *field, uint16_t length)
{
	template->fields[template->n_fields++] =
		(struct template_field){ field, length };
	template->len += length;
}

static const struct template_field *
find(const struct template *template, const char *name)
{
	for (size_t i = 0; i < template->n_fields; i++) {
		if (strcmp(template->fields[i].field->name, name) == 0)
			return &template->fields[i];
	}
	return NULL;
}

static const struct field *
reverse_of(const struct field *field)
{
	for (const struct field *row = field_reverse; row->name; row++) {
		if (row->id == field->id)
			return row;
	}
	return NULL;
}

static void
fill(struct template *both, const struct template *one)
{
	both->fields = g_new(struct template_field, 2 * one->n_fields + 1);
	for (size_t i = 0; i < one->n_fields; i++)
		append(both, one->fields[i].field, one->fields[i].length);
	for (size_t i = 0; i < one->n_fields; i++) {
		const struct field *row = reverse_of(one->fields[i].field);

		if (row)
			append(both, row, one->fields[i].length);
	}
	if (!find(one, "biflowDirection"))
		append(both, field_find("biflowDirection"), 1);
}

bool
template_set_add_biflow(struct template_set *set, GError **error)
{
	static const struct {
		int one, both;
		const char *keys[2];
	} families[] = {
		{ TEMPLATE_IPV4,
		  TEMPLATE_BIFLOW_IPV4,
		  { "sourceIPv4Address", "destinationIPv4Address" } },
		{ TEMPLATE_IPV6,
		  TEMPLATE_BIFLOW_IPV6,
		  { "sourceIPv6Address", "destinationIPv6Address" } },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
		const struct template *one = &set->family[families[i].one];

		if (one->n_fields == 0)
			continue;
		if (!find(one, families[i].keys[0]) ||
		    !find(one, families[i].keys[1])) {
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
				    "template set \"%s\": biflow needs both "
				    "addresses among its %s elements",
				    set->name, template_label(families[i].one));
			return false;
		}
		fill(&set->family[families[i].both], one);
	}
	return true;
}
