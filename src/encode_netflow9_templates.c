/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encode_netflow9_templates.h"

#include <stdbool.h>

static bool
has_type(const struct template *template, uint16_t v9)
{
	for (size_t i = 0; i < template->n_fields; i++) {
		if (template->fields[i].field->v9 == v9)
			return true;
	}
	return false;
}

struct template netflow9_template(const struct template *template)
{
	struct template own = {
		.fields = g_new(struct template_field, template->n_fields),
	};

	for (size_t i = 0; i < template->n_fields; i++) {
		struct template_field tf = template->fields[i];

		if (!tf.field->v9 || has_type(&own, tf.field->v9))
			continue;
		if (tf.field->v9 != tf.field->id)
			tf.field = field_find_id(tf.field->v9);
		tf.length = MIN(tf.length, tf.field->length);
		own.fields[own.n_fields++] = tf;
		own.len += tf.length;
	}
	return own;
}
