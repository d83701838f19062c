/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <glib.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "iftable.h"
#include "json.h"

#define JSON_INTERFACE "interfaceName"

/* In UTF-16. */
void
json_escape(char out[JSON_ESCAPE_SIZE], gunichar c)
{
	if (c <= 0xffff)
		g_snprintf(out, JSON_ESCAPE_SIZE, "\\u%04x", c);
	else
		g_snprintf(out, JSON_ESCAPE_SIZE, "\\u%04x\\u%04x",
			   0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

static void
put_character(FILE *out, const char *at, gunichar c)
{
	char escaped[JSON_ESCAPE_SIZE];

	if (c == '"' || c == '\\') {
		fprintf(out, "\\%c", (int)c);
	} else if (!g_unichar_isprint(c)) {
		json_escape(escaped, c);
		fputs(escaped, out);
	} else {
		fwrite(at, g_unichar_to_utf8(c, NULL), 1, out);
	}
}

void
json_string(FILE *out, const char *at)
{
	gunichar c;

	fputc('"', out);
	while (*at) {
		c = g_utf8_get_char_validated(at, -1);
		if (c == (gunichar)-1 || c == (gunichar)-2) {
			fputs("\\ufffd", out);
			at++;
			continue;
		}
		put_character(out, at, c);
		at = g_utf8_next_char(at);
	}
	fputc('"', out);
}

static void
put_address(FILE *out, int family, const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, address, text, sizeof(text));
	fprintf(out, "\"%s\"", text);
}

static void
put_mac(FILE *out, const uint8_t *mac)
{
	fprintf(out, "\"%02x:%02x:%02x:%02x:%02x:%02x\"", mac[0], mac[1],
		mac[2], mac[3], mac[4], mac[5]);
}

static void
put_time(FILE *out, uint64_t ns)
{
	const time_t seconds = ns / CLOCK_SECOND_NS;
	char text[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%FT%T", &tm);
	fprintf(out, "\"%s.%06uZ\"", text,
		(unsigned)(ns % CLOCK_SECOND_NS / 1000));
}

static void
put_octets(FILE *out, const uint8_t *at, size_t n)
{
	fputc('"', out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%02x", at[i]);
	fputc('"', out);
}

static void
put_value(FILE *out, const struct field *field, const struct record *record)
{
	const uint8_t *at = field_at(field, record);

	switch (field->kind) {
	case FIELD_BYTES:
		if (field->size == sizeof(struct in6_addr))
			put_address(out, AF_INET6, at);
		else
			put_octets(out, at, field->size);
		break;
	case FIELD_IPV4:
		put_address(out, AF_INET, at);
		break;
	case FIELD_MAC:
		put_mac(out, at);
		break;
	case FIELD_STRING: {
		g_autofree char *text =
			g_strndup((const char *)at, field->size);

		json_string(out, text);
		break;
	}
	case FIELD_SEC:
	case FIELD_MSEC:
	case FIELD_USEC:
	case FIELD_NSEC:
		put_time(out, *(const uint64_t *)at);
		break;
	default:
		fprintf(out, "%" PRIu64, field_uint(field, record));
	}
}

/* Octets that put_value() writes at most. */
static size_t
max_value(const struct field *field)
{
	switch (field->kind) {
	case FIELD_BYTES:
	case FIELD_IPV4:
	case FIELD_MAC:
		return MAX(2 * field->size, INET6_ADDRSTRLEN) + strlen("\"\"");
	case FIELD_STRING:
		return field->size * strlen("\\u0000") + strlen("\"\"");
	default:
		return strlen("\"2038-01-19T03:14:07.000000Z\"");
	}
}

static void
put_member(FILE *out, const struct field *field, const struct record *record)
{
	fprintf(out, "\"%s\":", field->name);
	put_value(out, field, record);
	fputc(',', out);
}

static bool
concerns(const struct field *field, const struct record *record)
{
	if (field->again || !field_suits(field, field_family(record)))
		return false;
	return field->kind != FIELD_ICMP || record_is_icmp(record);
}

static void
put_all(FILE *out, const struct record *record)
{
	for (const struct field *field = fields; field->name; field++)
		if (concerns(field, record))
			put_member(out, field, record);
}

const char *
json_interface(const struct record *record)
{
	const struct iface *iface =
		record->key.direction == FLOW_EGRESS ? record->out : record->in;

	return iface && *iface->name ? iface->name : NULL;
}

static bool
has_interface(const struct template *template)
{
	for (size_t i = 0; template && i < template->n_fields; i++)
		if (strcmp(template->fields[i].field->name, JSON_INTERFACE) ==
		    0)
			return true;
	return false;
}

static void
put_interface(FILE *out, const char *name)
{
	fputs("\"" JSON_INTERFACE "\":", out);
	if (name)
		json_string(out, name);
	else
		fputs("null", out);
	fputc(',', out);
}

void
json_write(FILE *out, const struct template *template,
	   const struct record *record)
{
	fputc('{', out);
	if (!template)
		put_all(out, record);
	for (size_t i = 0; template && i < template->n_fields; i++)
		put_member(out, template->fields[i].field, record);
	if (!has_interface(template))
		put_interface(out, json_interface(record));
	fprintf(out, "\"duplicate\":%s}\n",
		record->duplicate ? "true" : "false");
}

size_t
json_max_len(const struct template *template)
{
	size_t len = strlen("{\"" JSON_INTERFACE "\":\"\",") +
		     IF_NAMESIZE * strlen("\\u0000") +
		     strlen("\"duplicate\":false}\n");

	for (size_t i = 0; i < template->n_fields; i++) {
		const struct field *field = template->fields[i].field;

		len += strlen("\"\":,") + strlen(field->name) +
		       max_value(field);
	}
	return len;
}
