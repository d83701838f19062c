/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <string.h>

#include "iftable.h"
#include "plan.h"

#define PLAN_WORD 8 /* octets that every step reads and writes */

static bool
field_is_integer(const struct field *field)
{
	return field->kind == FIELD_UINT || field->kind == FIELD_ICMP ||
	       field->kind == FIELD_MSEC;
}

static struct plan_op
integer_op(const struct template_field *tf)
{
	return (struct plan_op){
		.offset = tf->field->offset,
		.from = tf->field->from,
		.kind = tf->field->kind,
		.width = tf->length,
		.shift = 8 * (PLAN_WORD - tf->field->size),
	};
}

/* Octets as they stand are written a word at a time, from the one AT on. */
static struct plan_op
octets_op(const struct template_field *tf, size_t at)
{
	return (struct plan_op){
		.offset = tf->field->offset + at,
		.from = tf->field->from,
		.kind = FIELD_BYTES,
		.width = MIN(tf->length - at, PLAN_WORD),
	};
}

static void
plan_append(struct plan *plan, struct plan_op op)
{
	size_t end = op.offset + PLAN_WORD;

	g_assert(op.width > 0 && op.width <= PLAN_WORD);
	if (op.from == FIELD_FROM_RECORD)
		g_assert(end <= sizeof(struct record));
	else
		g_assert(end <= sizeof(struct iface));
	plan->ops[plan->n_ops++] = op;
	plan->len += op.width;
}

static void
plan_append_field(struct plan *plan, const struct template_field *tf)
{
	if (field_is_integer(tf->field)) {
		plan_append(plan, integer_op(tf));
		return;
	}
	for (size_t at = 0; at < tf->length; at += PLAN_WORD)
		plan_append(plan, octets_op(tf, at));
}

struct plan *
plan_new(const struct template *template)
{
	size_t max_ops = template->n_fields + template->len / PLAN_WORD;
	struct plan *plan;

	plan = g_malloc0(sizeof(*plan) + max_ops * sizeof(*plan->ops));
	for (size_t i = 0; i < template->n_fields; i++)
		plan_append_field(plan, &template->fields[i]);
	return plan;
}

void
plan_free(struct plan *plan)
{
	g_free(plan);
}

/*
 * The word behind an integer's first octet holds its neighbours too: SHIFT
 * drops them, the width's shift puts the value's octets first in the word.
 */
static inline uint64_t
integer_word(const struct plan *plan, const struct plan_op *op, uint64_t word,
	     const struct record *record)
{
	uint64_t value;

	if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
		word <<= op->shift;
	value = field_wire(op->kind, word >> op->shift, record, plan->epoch_ms);
	return GUINT64_TO_BE(value << 8 * (PLAN_WORD - op->width));
}

void
plan_write(const struct plan *plan, const struct record *record, uint8_t *out)
{
	const uint8_t *base[FIELD_N_FROM];

	field_bases(record, base);
	for (const struct plan_op *op = plan->ops; op < plan->ops + plan->n_ops;
	     op++) {
		uint64_t word;

		memcpy(&word, base[op->from] + op->offset, sizeof(word));
		if (op->kind != FIELD_BYTES)
			word = integer_word(plan, op, word, record);
		memcpy(out, &word, sizeof(word));
		out += op->width;
	}
}
