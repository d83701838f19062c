/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encode_netflow9_set.h"

#include <gio/gio.h>

#include "encode_common.h"

#define V9_FIELD_LEN	4 /* of a template's field */
#define V9_TEMPLATE_LEN 4 /* of its header */
#define V9_OPTIONS_LEN	6 /* of an options template's */

uint16_t
netflow9_type(const struct template_set *set, const struct field *field)
{
	if (field->pen)
		return 0;
	return field->v9 || !set->netflow9_extended ? field->v9 : field->id;
}

/* How the type of FIELD is written, if it is another element's. */
static const struct field *
writer(const struct template_set *set, const struct field *field)
{
	uint16_t type = netflow9_type(set, field);

	return type == field->id ? field : field_find_id(type);
}

static bool
has_type(const struct netflow9_set *own, const struct template *template,
	 uint16_t type)
{
	for (size_t i = 0; i < template->n_fields; i++) {
		if (netflow9_type(own->set, template->fields[i].field) == type)
			return true;
	}
	return false;
}

static void
append(struct template *own, const struct field *field, uint16_t length)
{
	own->fields[own->n_fields++] = (struct template_field){
		field,
		MIN(length, field->length),
	};
	own->len += MIN(length, field->length);
}

/* The elements that have a type, each type once. */
static void
fill_family(struct netflow9_set *own, int i)
{
	const struct template *template = &own->set->all[i];

	for (size_t n = 0; n < template->n_fields; n++) {
		const struct template_field *tf = &template->fields[n];
		uint16_t type = netflow9_type(own->set, tf->field);

		if (type && !has_type(own, &own->own[i], type))
			append(&own->own[i], writer(own->set, tf->field),
			       tf->length);
	}
}

static bool
table_is_carried(const struct netflow9_set *own, int i)
{
	const struct template *template = &own->set->all[i];

	for (size_t n = 0; n < template->n_fields; n++) {
		const struct field *field = template->fields[n].field;

		if (!(n < template->n_scope ? options_v9_scope(field)
					    : netflow9_type(own->set, field)))
			return false;
	}
	return !options_tables[i - TEMPLATE_N_FAMILIES].no_v9;
}

static void
fill_table(struct netflow9_set *own, int i)
{
	const struct template *template = &own->set->all[i];

	if (!table_is_carried(own, i))
		return;
	for (size_t n = 0; n < template->n_fields; n++)
		append(&own->own[i], template->fields[n].field,
		       template->fields[n].length);
	own->own[i].n_scope = template->n_scope;
}

/* Message and FlowSet around LEN octets. */
static size_t
around(size_t len)
{
	return V9_HEADER_LEN + V9_SET_LEN +
	       ((len + V9_ALIGN - 1) & -(size_t)V9_ALIGN);
}

static bool
add_template(struct netflow9_set *own, int i, size_t mtu, GError **error)
{
	const struct template *template = &own->own[i];

	own->plan[i] = plan_new(template);
	own->id[i] = common_template_id(template, i);
	return common_fits(own->set, i, "record", around(template->len), mtu,
			   error) &&
	       common_fits(own->set, i, "template",
			   around(netflow9_template_len(own, i)), mtu, error);
}

static bool
fill(struct netflow9_set *own, int i, size_t mtu, GError **error)
{
	size_t n_fields = own->set->all[i].n_fields;

	if (n_fields == 0)
		return true;
	own->own[i].fields = g_new(struct template_field, n_fields);
	if (i < TEMPLATE_N_FAMILIES)
		fill_family(own, i);
	else
		fill_table(own, i);
	if (own->own[i].n_fields > 0)
		return add_template(own, i, mtu, error);
	if (i >= TEMPLATE_N_FAMILIES)
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
		    "template set \"%s\": NetFlow v9 has none of its %s "
		    "elements",
		    own->set->name, template_label(i));
	return false;
}

bool
netflow9_set_init(struct netflow9_set *own, const struct template_set *set,
		  size_t mtu, GError **error)
{
	own->set = set;
	for (int i = 0; i < TEMPLATE_N; i++) {
		if (!fill(own, i, mtu, error))
			return false;
	}
	return true;
}

void
netflow9_set_clear(struct netflow9_set *own)
{
	for (int i = 0; i < TEMPLATE_N; i++) {
		plan_free(own->plan[i]);
		g_free(own->own[i].fields);
	}
}

size_t
netflow9_template_len(const struct netflow9_set *own, int i)
{
	const struct template *template = &own->own[i];

	return (template->n_scope > 0 ? V9_OPTIONS_LEN : V9_TEMPLATE_LEN) +
	       V9_FIELD_LEN * template->n_fields;
}

static uint8_t *
put_header(const struct netflow9_set *own, int i, uint8_t *at)
{
	const struct template *template = &own->own[i];

	put16(at, own->id[i]);
	if (template->n_scope == 0) {
		put16(at + 2, template->n_fields);
		return at + V9_TEMPLATE_LEN;
	}
	put16(at + 2, V9_FIELD_LEN * template->n_scope);
	put16(at + 4, V9_FIELD_LEN * (template->n_fields - template->n_scope));
	return at + V9_OPTIONS_LEN;
}

void
netflow9_put_template(const struct netflow9_set *own, int i, uint8_t *at)
{
	const struct template *template = &own->own[i];

	at = put_header(own, i, at);
	for (size_t n = 0; n < template->n_fields; n++) {
		const struct template_field *tf = &template->fields[n];

		put16(at, n < template->n_scope
				  ? options_v9_scope(tf->field)
				  : netflow9_type(own->set, tf->field));
		put16(at + 2, tf->length);
		at += V9_FIELD_LEN;
	}
}
