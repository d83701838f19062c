/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <gio/gio.h>

#include "encode_common.h"

#define FIRST_ID 256
#define N_IDS	 (65536 - FIRST_ID)

bool
common_fits(const struct template_set *set, int i, const char *what, size_t len,
	    size_t mtu, GError **error)
{
	if (len <= mtu)
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
		    "template set \"%s\": a message with one %s %s takes %zu "
		    "octets, the mtu is %zu",
		    set->name, template_label(i), what, len, mtu);
	return false;
}

/* What a collector has to know of TEMPLATE to read its records. */
static GBytes *
layout(const struct template *template, uint32_t i)
{
	size_t n_words = 2 + 2 * template->n_fields;
	uint32_t *words = g_new(uint32_t, n_words);
	uint32_t *word = words;

	*word++ = i;
	*word++ = template->n_scope;
	for (size_t n = 0; n < template->n_fields; n++) {
		const struct template_field *tf = &template->fields[n];

		*word++ = tf->field->pen;
		*word++ = (uint32_t)tf->field->id << 16 | tf->length;
	}
	return g_bytes_new_take(words, n_words * sizeof(*words));
}

uint16_t
common_template_id(const struct template *template, uint32_t i)
{
	static GHashTable *ids;
	GBytes *bytes = layout(template, i);
	gpointer known;
	uint16_t id;

	if (!ids)
		ids = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
					    (GDestroyNotify)g_bytes_unref,
					    NULL);
	known = g_hash_table_lookup(ids, bytes);
	if (known) {
		g_bytes_unref(bytes);
		return GPOINTER_TO_UINT(known);
	}
	id = FIRST_ID + g_hash_table_size(ids) % N_IDS;
	g_hash_table_insert(ids, bytes, GUINT_TO_POINTER(id));
	return id;
}

bool
common_no_announce(struct encoder *encoder, unsigned i, uint64_t wall_ns,
		   struct message *message)
{
	(void)encoder;
	(void)i;
	(void)wall_ns;
	(void)message;
	return false;
}

uint16_t
common_no_template_id(const struct encoder *encoder, int template)
{
	(void)encoder;
	(void)template;
	return 0;
}

void
common_no_skip(struct encoder *encoder, const struct record *record)
{
	(void)encoder;
	(void)record;
}

void
common_no_restart(struct encoder *encoder, unsigned n_streams)
{
	(void)encoder;
	(void)n_streams;
}
