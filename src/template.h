/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template.h - template sets: which elements a collector gets, as data.
 *
 * A set is a libconfig file NAME.conf with a list of element names for each
 * family of flow, in wire order; "NAME:N" sends the element in N octets
 * (reduced-size encoding, RFC 7011 6.2); and a list of options tables that go
 * along.  Sets are looked for in the directories given, the first that has the
 * file wins.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <glib.h>
#include <stdbool.h>

#include "field.h"
#include "template_options.h"

enum template_family {
	TEMPLATE_IPV4,
	TEMPLATE_IPV6,
	TEMPLATE_OTHER,	  /* neither */
	TEMPLATE_N_LISTS, /* of those a set has lists */

	TEMPLATE_BIFLOW_IPV4 = TEMPLATE_N_LISTS, /* both directions in one */
	TEMPLATE_BIFLOW_IPV6,
	TEMPLATE_N_FAMILIES,
};

/* All templates of a set in one row: families, then options tables. */
#define TEMPLATE_OF_OPTIONS(table) (TEMPLATE_N_FAMILIES + (table))
#define TEMPLATE_N		   TEMPLATE_OF_OPTIONS(OPTIONS_N)

struct template_field {
	const struct field *field;
	uint16_t length; /* octets on the wire */
};

struct template
{
	struct template_field *fields;
	size_t n_fields; /* 0: the set has no such family or table */
	size_t len;	 /* octets of a record on the wire */
	size_t n_scope;	 /* fields that are an options table's scope */
};

struct template_set {
	char *name;
	char *path;		/* of the file it came from */
	bool netflow9_extended; /* with types above 127, by IPFIX numbers */
	union {
		struct {
			struct template family[TEMPLATE_N_FAMILIES];
			struct template options[OPTIONS_N];
		};
		struct template all[TEMPLATE_N];
	};
};

/* "IPv4", or an options table's name, for each of a set's templates. */
const char *template_label(int i);

/*
 * Reads the set NAME from the first of DIRS (NULL-terminated) that has it.
 * NULL with every complaint, one a line as FILE:LINE: MESSAGE, in *ERROR.
 */
struct template_set *template_set_load(const char *name,
				       const char *const *dirs, GError **error);
void template_set_free(struct template_set *set);

/* Whether both ask for the same, whatever they are called. */
bool template_set_same(const struct template_set *one,
		       const struct template_set *other);

/* Whether a family's template has elements that tell of extremes. */
bool template_set_has_extremes(const struct template_set *set);

/* Adds templates for both directions in one (RFC 5103): each family's, followed
 * by what of the other direction belongs to it, and by biflowDirection.  Fails
 * where source or destination address are not among its fields. */
bool template_set_add_biflow(struct template_set *set, GError **error);

/* Which fields of a family's template tell one flow from another: bit n of
 * field n (RFC 7011 4.4); of the first 64. */
uint64_t template_keys(const struct template *template);

/* The template for a record's family; its n_fields may be 0. */
static inline const struct template *
template_for(const struct template_set *set, const struct record *record)
{
	bool ipv4 = record->key.family == FLOW_IPV4;

	if (G_UNLIKELY(record->reverse.end_ns))
		return &set->family[ipv4 ? TEMPLATE_BIFLOW_IPV4
					 : TEMPLATE_BIFLOW_IPV6];
	switch (record->key.family) {
	case FLOW_IPV4:
		return &set->family[TEMPLATE_IPV4];
	case FLOW_IPV6:
		return &set->family[TEMPLATE_IPV6];
	default:
		return &set->family[TEMPLATE_OTHER];
	}
}

#endif
