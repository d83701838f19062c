/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tally.h"

#include <stdbool.h>

enum {
	NETFLOW9 = 9,
	IPFIX = 10,
	VARIABLE = 65535,    /* RFC 7011 7 */
	REVERSE_PEN = 29305, /* RFC 5103 6.1 */
	FIRST_DATA_SET = 256,
};

struct field {
	uint16_t len;
	enum tally_role role;
};

struct layout {
	bool options;
	uint32_t min_len, n_fields;
	struct field fields[];
};

/* An Observation Domain or Source ID. */
struct domain {
	GHashTable *layouts; /* by id */
	uint32_t sequence;   /* that comes next ... */
	bool known;	     /* ... if this is set */
};

struct cursor {
	const uint8_t *at, *end;
};

static size_t
left(const struct cursor *c)
{
	return c->end - c->at;
}

/* Big-endian, of any length; 0 where the message ends before. */
static uint64_t
take(struct cursor *c, size_t len)
{
	uint64_t value = 0;

	if (left(c) < len) {
		c->at = c->end;
		return 0;
	}
	while (len--)
		value = value << 8 | *c->at++;
	return value;
}

/* The next LEN octets, or as many as there are. */
static struct cursor
cut(struct cursor *c, size_t len)
{
	struct cursor part = { c->at, c->at + MIN(len, left(c)) };

	c->at = part.end;
	return part;
}

/* The delta count of RFC 5102 or the total count, in either direction. */
static enum tally_role
role_of(uint16_t id, uint32_t pen)
{
	if (pen != 0 && pen != REVERSE_PEN)
		return TALLY_OTHER;
	if (id == 1 || id == 85)
		return TALLY_OCTETS;
	return id == 2 || id == 86 ? TALLY_PACKETS : TALLY_OTHER;
}

static struct field
take_field(struct cursor *c, int version)
{
	uint16_t id = take(c, 2);
	struct field field = { .len = take(c, 2) };
	uint32_t pen = 0;

	if (version == IPFIX && id & 0x8000)
		pen = take(c, 4);
	field.role = role_of(id & (version == IPFIX ? 0x7fff : 0xffff), pen);
	return field;
}

static void
take_template(struct domain *domain, struct cursor *c, int version,
	      bool options)
{
	uint16_t id = take(c, 2);
	uint32_t n = take(c, 2);
	struct layout *layout;

	if (options && n) {
		uint16_t other = take(c, 2);

		if (version == NETFLOW9) /* octets of scopes, and of others */
			n = (n + other) / 4;
	}
	if (id < FIRST_DATA_SET || !n || n > left(c) / 4) { /* or withdrawn */
		g_hash_table_remove(domain->layouts, GUINT_TO_POINTER(id));
		return;
	}
	layout = g_malloc0(sizeof(*layout) + n * sizeof(struct field));
	layout->options = options;
	layout->n_fields = n;
	for (uint32_t i = 0; i < n; i++) {
		struct field field = take_field(c, version);

		layout->fields[i] = field;
		layout->min_len += field.len == VARIABLE ? 1 : field.len;
	}
	g_hash_table_insert(domain->layouts, GUINT_TO_POINTER(id), layout);
}

static void
take_record(struct tally *tally, const struct layout *layout, struct cursor *c)
{
	for (uint32_t i = 0; i < layout->n_fields; i++) {
		const struct field *field = &layout->fields[i];
		size_t len = field->len;

		if (len == VARIABLE && (len = take(c, 1)) == 255)
			len = take(c, 2);
		if (field->role != TALLY_OTHER && !layout->options)
			tally->sum[field->role] += take(c, len);
		else
			cut(c, len);
	}
	tally->records += !layout->options;
}

/* How many records there were. */
static uint32_t
take_data(struct tally *tally, const struct layout *layout, struct cursor *c)
{
	uint32_t n = 0;

	for (; left(c) >= layout->min_len; n++)
		take_record(tally, layout, c);
	return n;
}

/* As take_data; clears *READ if it could not be read. */
static uint32_t
take_set(struct tally *tally, struct domain *domain, struct cursor *c,
	 int version, uint16_t id, bool *read)
{
	/* v9 has 0 and 1, IPFIX 2 and 3. */
	uint16_t options_id = version == IPFIX ? 3 : 1;
	const struct layout *layout;

	if (id == options_id || id == options_id - 1) {
		while (left(c) >= 4)
			take_template(domain, c, version, id == options_id);
		return 0;
	}
	layout = g_hash_table_lookup(domain->layouts, GUINT_TO_POINTER(id));
	if (layout && layout->min_len)
		return take_data(tally, layout, c);
	tally->unread++;
	*read = false;
	return 0;
}

static void
domain_free(void *data)
{
	struct domain *domain = data;

	g_hash_table_unref(domain->layouts);
	g_free(domain);
}

static struct domain *
domain_get(GHashTable *domains, uint32_t id)
{
	struct domain *domain =
		g_hash_table_lookup(domains, GUINT_TO_POINTER(id));

	if (domain)
		return domain;
	domain = g_new0(struct domain, 1);
	domain->layouts = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_hash_table_insert(domains, GUINT_TO_POINTER(id), domain);
	return domain;
}

void
tally_begin(struct tally *tally)
{
	*tally = (struct tally){
		.domains = g_hash_table_new_full(NULL, NULL, NULL, domain_free),
	};
}

void
tally_end(struct tally *tally)
{
	g_hash_table_unref(tally->domains);
}

void
tally_message(struct tally *tally, const uint8_t *data, size_t len)
{
	struct cursor c = { data, data + len };
	int version = take(&c, 2);
	uint32_t sequence, n = 0;
	struct domain *domain;
	bool read = true;

	if ((version != IPFIX && version != NETFLOW9) || left(&c) < 14) {
		tally->unread++;
		return;
	}
	cut(&c, version == IPFIX ? 6 : 10); /* length or count, times */
	sequence = take(&c, 4);
	domain = domain_get(tally->domains, take(&c, 4));
	if (domain->known && domain->sequence != sequence)
		tally->sequence_errors++;
	while (left(&c) >= 4) {
		uint16_t id = take(&c, 2);
		uint16_t set_len = take(&c, 2);
		struct cursor set = cut(&c, MAX(set_len, 4) - 4);

		n += take_set(tally, domain, &set, version, id, &read);
	}
	domain->sequence = sequence + (version == IPFIX ? n : 1);
	domain->known = read || version == NETFLOW9;
}
