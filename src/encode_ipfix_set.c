/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encode_ipfix_set.h"

#include <gio/gio.h>

#include "encode_common.h"
#include "encode_ipfix_templates.h"

#define IPFIX_TEMPLATE_LEN 4 /* of its header */
#define IPFIX_SCOPE_LEN	   2 /* more, of an options template's */

static size_t
template_len(const struct template *template)
{
	size_t len = IPFIX_TEMPLATE_LEN;

	if (template->n_scope > 0)
		len += IPFIX_SCOPE_LEN;
	for (size_t i = 0; i < template->n_fields; i++)
		len += template->fields[i].field->pen ? 8 : 4;
	return len;
}

static bool
has_kind(const struct template *template, enum field_kind kind)
{
	for (size_t i = 0; i < template->n_fields; i++) {
		if (template->fields[i].field->kind == kind)
			return true;
	}
	return false;
}

static bool
check_template(const struct template_set *set, int i, size_t mtu,
	       GError **error)
{
	const struct template *template = &set->all[i];
	size_t len = IPFIX_HEADER_LEN + IPFIX_SET_LEN;

	if (has_kind(template, FIELD_UPTIME) &&
	    !has_kind(template, FIELD_EPOCH)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "template set \"%s\": %s: uptimes without "
			    "systemInitTimeMilliseconds tell nothing in IPFIX",
			    set->name, template_label(i));
		return false;
	}
	return common_fits(set, i, "record", len + template->len, mtu, error) &&
	       common_fits(set, i, "template", len + template_len(template),
			   mtu, error);
}

static bool
carries(const struct template_set *set, int i)
{
	return set->all[i].n_fields > 0 &&
	       (i < TEMPLATE_N_FAMILIES ||
		!options_tables[i - TEMPLATE_N_FAMILIES].no_ipfix);
}

static bool
add_template(struct ipfix_set *own, int i, size_t mtu, GError **error)
{
	const struct template *template = &own->set->all[i];

	if (!check_template(own->set, i, mtu, error))
		return false;
	own->plan[i] = plan_new(template);
	own->has_uptimes |= has_kind(template, FIELD_UPTIME);
	own->id[i] = common_template_id(template, i);
	return true;
}

bool
ipfix_set_apart(const struct ipfix_set *own, int template)
{
	return own->apart && template >= TEMPLATE_N_FAMILIES &&
	       options_tables[template - TEMPLATE_N_FAMILIES].statistics;
}

/* The messages of those that stand apart, or of the others. */
static GPtrArray *
render(const struct ipfix_set *own, bool apart, size_t mtu, GError **error)
{
	struct ipfix_template templates[TEMPLATE_N];
	size_t n = 0;

	for (int i = 0; i < TEMPLATE_N; i++) {
		if (own->plan[i] && apart == ipfix_set_apart(own, i))
			templates[n++] = (struct ipfix_template){
				&own->set->all[i],
				own->id[i],
			};
	}
	return ipfix_templates(templates, n, mtu, error);
}

bool
ipfix_set_init(struct ipfix_set *own, const struct template_set *set,
	       bool apart, size_t mtu, GError **error)
{
	own->set = set;
	own->apart = apart;
	for (int i = 0; i < TEMPLATE_N; i++) {
		if (carries(set, i) && !add_template(own, i, mtu, error))
			return false;
	}
	own->templates = render(own, false, mtu, error);
	if (!own->templates)
		return false;
	own->statistics = render(own, true, mtu, error);
	return own->statistics;
}

void
ipfix_set_clear(struct ipfix_set *own)
{
	for (int i = 0; i < TEMPLATE_N; i++)
		plan_free(own->plan[i]);
	g_clear_pointer(&own->templates, g_ptr_array_unref);
	g_clear_pointer(&own->statistics, g_ptr_array_unref);
}
