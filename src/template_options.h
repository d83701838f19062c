/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template_options.h - the options tables that a template set can ask for.
 *
 * A table is a row: its name, its fields, the first of which are its scope, and
 * what there is a record of.  The forms are those of RFC 7011 4 and RFC 5477,
 * and those that collectors want instead.
 */
#ifndef TEMPLATE_OPTIONS_H
#define TEMPLATE_OPTIONS_H

#include <stdbool.h>

#include "field.h"

/* In the order in which they are sent. */
enum template_options {
	OPTIONS_SAMPLING_INTERVAL,
	OPTIONS_SAMPLING_ALGORITHM,
	OPTIONS_SELECTOR,
	OPTIONS_INTERFACE_NAMES,
	OPTIONS_INTERFACE_LIST,
	OPTIONS_FLOW_KEYS,
	OPTIONS_METERING_STATISTICS,
	OPTIONS_METERING_RELIABILITY,
	OPTIONS_EXPORTING_RELIABILITY,
	OPTIONS_N,
};

enum options_of {
	OPTIONS_OF_PROCESS,    /* one record */
	OPTIONS_OF_INTERFACES, /* one for each that we know */
	OPTIONS_OF_TEMPLATES,  /* one for each family's template */
};

enum { OPTIONS_MAX_FIELDS = 8 };

struct options_table {
	const char *name; /* in template sets */
	enum options_of of;
	bool no_ipfix, no_v9; /* that protocol has it in another form */
	bool statistics;      /* sent in Observation Domain 0, RFC 7011 3.1 */
	uint8_t n_scope;      /* of the fields */
	struct field fields[OPTIONS_MAX_FIELDS]; /* until one has no name */
};

extern const struct options_table options_tables[OPTIONS_N];

/* The scope type of NetFlow v9 (RFC 3954 6.1) that says what FIELD does; 0:
 * there is none. */
uint16_t options_v9_scope(const struct field *field);

#endif
