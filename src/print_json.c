/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <glib.h>
#include <inttypes.h>
#include <time.h>

#include "clock.h"
#include "field.h"
#include "print_json.h"

static void
put_character(FILE *out, const char *at, gunichar c)
{
	if (c == '"' || c == '\\')
		fprintf(out, "\\%c", (int)c);
	else if (c < ' ' || c == 0x7f)
		fprintf(out, "\\u%04x", c);
	else
		fwrite(at, g_unichar_to_utf8(c, NULL), 1, out);
}

/* Interface names are any bytes, JSON is UTF-8. */
static void
put_string(FILE *out, const char *at)
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
put_value(FILE *out, const struct field *field, const struct record *record)
{
	const uint8_t *at = field_at(field, record);

	switch (field->kind) {
	case FIELD_BYTES:
		put_address(out, AF_INET6, at);
		break;
	case FIELD_IPV4:
		put_address(out, AF_INET, at);
		break;
	case FIELD_MAC:
		put_mac(out, at);
		break;
	case FIELD_MSEC:
		put_time(out, *(const uint64_t *)at);
		break;
	default:
		fprintf(out, "%" PRIu64, field_uint(field, record));
	}
}

static bool
concerns(const struct field *field, const struct record *record)
{
	if (field->again || !field_suits(field, field_family(record)))
		return false;
	return field->kind != FIELD_ICMP || record_is_icmp(record);
}

void
print_json(FILE *out, const struct record *record, const char *interface)
{
	fputc('{', out);
	for (const struct field *field = fields; field->name; field++) {
		if (!concerns(field, record))
			continue;
		fprintf(out, "\"%s\":", field->name);
		put_value(out, field, record);
		fputc(',', out);
	}
	fputs("\"interfaceName\":", out);
	if (interface)
		put_string(out, interface);
	else
		fputs("null", out);
	fprintf(out, ",\"duplicate\":%s}\n",
		record->duplicate ? "true" : "false");
}
