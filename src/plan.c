/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <string.h>

#include "iftable.h"
#include "ledger.h"
#include "meter.h"
#include "plan.h"

#define PLAN_WORD 8 /* octets that every step reads and writes */

static struct plan_op
integer_op(const struct template_field *tf)
{
	int size = tf->field->size;
	int width = tf->length;
	bool octet = tf->field->kind == FIELD_UINT && size == 1 && width == 1;

	return (struct plan_op){
		.offset = tf->field->offset,
		.from = tf->field->from,
		.kind = octet ? FIELD_BYTES : tf->field->kind,
		.width = width,
		.shift = 8 * (PLAN_WORD - size),
		.left = G_BYTE_ORDER == G_LITTLE_ENDIAN
				? 8 * (PLAN_WORD - MIN(size, width))
				: 8 * (size - MIN(size, width)),
		.right = 8 * (width - MIN(size, width)),
	};
}

/* Not by the word: what is ill-formed, or ends amid a character, is mended. */
static struct plan_op
string_op(const struct template_field *tf)
{
	return (struct plan_op){
		.offset = tf->field->offset,
		.from = tf->field->from,
		.kind = FIELD_STRING,
		.width = tf->length,
		.size = tf->field->size,
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

static const size_t base_sizes[FIELD_N_FROM] = {
	[FIELD_FROM_RECORD] = sizeof(struct record),
	[FIELD_FROM_IN] = sizeof(struct iface),
	[FIELD_FROM_OUT] = sizeof(struct iface),
	[FIELD_FROM_SEEN] = sizeof(struct iface),
	[FIELD_FROM_METER] = sizeof(struct meter),
	[FIELD_FROM_LEDGER] = sizeof(struct ledger),
};

static void
plan_append(struct plan *plan, struct plan_op op)
{
	g_assert(op.width > 0);
	g_assert(op.kind == FIELD_STRING || op.width <= PLAN_WORD);
	g_assert((size_t)op.offset + PLAN_WORD <= base_sizes[op.from]);
	plan->ops[plan->n_ops++] = op;
	plan->len += op.width;
}

/* Single octets side by side, in the record and on the wire, are one step. */
static bool
join_octets(struct plan *plan, const struct template_field *tf)
{
	struct plan_op *last;

	if (plan->n_ops == 0 || tf->field->kind != FIELD_UINT ||
	    tf->field->size != 1 || tf->length != 1)
		return false;
	last = &plan->ops[plan->n_ops - 1];
	if (last->kind != FIELD_BYTES || last->width == PLAN_WORD ||
	    last->from != tf->field->from ||
	    last->offset + last->width != tf->field->offset)
		return false;
	last->width++;
	plan->len++;
	return true;
}

static void
plan_append_field(struct plan *plan, const struct template_field *tf)
{
	if (join_octets(plan, tf))
		return;
	if (field_is_integer(tf->field)) {
		plan_append(plan, integer_op(tf));
		return;
	}
	if (tf->field->kind == FIELD_STRING) {
		plan_append(plan, string_op(tf));
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

/* RFC 7011 6.1.6: well-formed UTF-8, whatever bytes the source has. */
static void
put_string(const struct plan_op *op, const char *at, char *out)
{
	const char *end = memchr(at, '\0', op->size) ?: at + op->size;
	size_t room = op->width;

	memset(out, 0, room);
	while (at < end) {
		gunichar c = g_utf8_get_char_validated(at, end - at);
		bool good = c < (gunichar)-2;
		size_t len = good ? g_utf8_skip[*(const guchar *)at] : 1;

		if (len > room)
			break;
		memcpy(out, good ? at : "?", len);
		at += len;
		out += len;
		room -= len;
	}
}

void
plan_write(const struct plan *plan, const uint8_t *const base[FIELD_N_FROM],
	   uint8_t *out)
{
	const struct record *record = (const void *)base[FIELD_FROM_RECORD];
	const struct plan_op *end = plan->ops + plan->n_ops;

	for (const struct plan_op *op = plan->ops; op < end; op++) {
		const uint8_t *at = base[op->from] + op->offset;
		uint64_t word;

		memcpy(&word, at, sizeof(word));
		if (op->kind == FIELD_UINT) {
			word = GUINT64_TO_BE(word << op->left >> op->right);
		} else if (op->kind == FIELD_STRING) {
			put_string(op, (const char *)at, (char *)out);
			out += op->width;
			continue;
		} else if (op->kind != FIELD_BYTES) {
			word = integer_word(plan, op, word, record);
		}
		memcpy(out, &word, sizeof(word));
		out += op->width;
	}
}
