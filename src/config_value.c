/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "clock.h"
#include "config_keys.h"

struct unit {
	const char *name; /* NULL ends a list */
	double size;
};

/* A number and one of UNITS; strtod() would also take "inf", "0x10", "-1". */
static bool
parse_quantity(const struct unit *units, const char *text, uint64_t *value)
{
	char *end;
	double n;

	if (!*text || !strchr("0123456789.", *text) || strpbrk(text, "xX"))
		return false;
	n = g_ascii_strtod(text, &end);
	if (end == text)
		return false;
	for (; units->name; units++) {
		if (strcmp(end, units->name) != 0)
			continue;
		if (n * units->size >= (double)INT64_MAX)
			return false;
		*value = (uint64_t)llround(n * units->size);
		return true;
	}
	return false;
}

bool
config_duration(const char *text, uint64_t *ns)
{
	static const struct unit units[] = { { "", 1e9 },     { "ms", 1e6 },
					     { "s", 1e9 },    { "m", 6e10 },
					     { "h", 3.6e12 }, { NULL } };

	return parse_quantity(units, text, ns);
}

static const struct unit sizes[] = { { "", 1 },
				     { "KiB", 1 << 10 },
				     { "MiB", 1 << 20 },
				     { "GiB", 1 << 30 },
				     { NULL } };

/* In the biggest unit that divides it. */
static char *
size_print(uint64_t octets)
{
	int i = 0;

	while (octets && sizes[i + 1].name &&
	       octets % (uint64_t)sizes[i + 1].size == 0)
		i++;
	return g_strdup_printf("\"%" PRIu64 "%s\"",
			       octets / (uint64_t)sizes[i].size, sizes[i].name);
}

/* Seconds, with as many decimals as it takes. */
static char *
duration_print(uint64_t ns)
{
	char *text = g_strdup_printf("%llu.%09llu", ns / CLOCK_SECOND_NS,
				     ns % CLOCK_SECOND_NS);
	size_t len = strlen(text);

	while (text[len - 1] == '0')
		len--;
	text[text[len - 1] == '.' ? len - 1 : len] = '\0';
	return text;
}

char *
text_quote(const char *text)
{
	GString *out = g_string_new("\"");

	for (const char *c = text; *c; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_printf(out, "\\%c", *c);
		else if (g_ascii_iscntrl(*c))
			g_string_append_printf(out, "\\x%02X", *c);
		else
			g_string_append_c(out, *c);
	}
	return g_string_free(g_string_append_c(out, '"'), FALSE);
}

static bool
parse_word(const char *const *words, const char *text, int *word)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], text) == 0) {
			*word = i;
			return true;
		}
	}
	return false;
}

/* Names stand in the log, where a line of their own would be a lie. */
static bool
is_string(const struct config_key *key, const char *text)
{
	for (const char *c = text; *c; c++)
		if (g_ascii_iscntrl(*c))
			return false;
	return !key->suits || key->suits(text);
}

bool
key_parse(const struct config_key *key, const char *text, void *object)
{
	void *at = (char *)object + key->offset;
	uint64_t n;

	switch (key->type) {
	case KEY_BOOL:
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return false;
		*(bool *)at = *text == 't';
		return true;
	case KEY_UINT:
		if (key->words && strcmp(text, key->words[0]) == 0) {
			*(uint32_t *)at = 0;
			return true;
		}
		if (!g_ascii_string_to_unsigned(text, 10, key->min, key->max,
						&n, NULL))
			return false;
		*(uint32_t *)at = (uint32_t)n;
		return true;
	case KEY_STRING:
		if (!is_string(key, text))
			return false;
		g_free(*(char **)at);
		*(char **)at = g_strdup(text);
		return true;
	case KEY_WORD:
		return parse_word(key->words, text, at);
	case KEY_DURATION:
		if (!config_duration(text, &n) || n < key->min || n > key->max)
			return false;
		*(uint64_t *)at = n;
		return true;
	case KEY_SIZE:
		if (!parse_quantity(sizes, text, &n) || n < key->min ||
		    n > key->max)
			return false;
		*(uint64_t *)at = n;
		return true;
	case KEY_STRINGS:
		break;
	}
	return false;
}

static bool
load_strings(const config_setting_t *setting, char ***at)
{
	g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);

	for (int i = 0; i < config_setting_length(setting); i++) {
		const char *s = config_setting_get_string_elem(setting, i);

		if (!s)
			return false;
		g_ptr_array_add(strings, g_strdup(s));
	}
	g_ptr_array_add(strings, NULL);
	g_strfreev(*at);
	*at = (char **)g_ptr_array_steal(strings, NULL);
	return true;
}

char *
setting_text(const config_setting_t *setting)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_BOOL:
		return g_strdup(config_setting_get_bool(setting) ? "true"
								 : "false");
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return g_strdup_printf("%lld",
				       config_setting_get_int64(setting));
	case CONFIG_TYPE_FLOAT:
		return g_strdup(
			g_ascii_formatd(number, sizeof(number), "%.15g",
					config_setting_get_float(setting)));
	case CONFIG_TYPE_STRING:
		return g_strdup(config_setting_get_string(setting));
	default:
		return NULL;
	}
}

#define TAKES(type)   (1u << (CONFIG_TYPE_##type))
#define TAKES_INTEGER (TAKES(INT) | TAKES(INT64))

bool
key_load(const struct config_key *key, const config_setting_t *setting,
	 void *object)
{
	static const unsigned takes[] = {
		[KEY_BOOL] = TAKES(BOOL),
		[KEY_UINT] = TAKES_INTEGER | TAKES(FLOAT),
		[KEY_STRING] = TAKES(STRING),
		[KEY_WORD] = TAKES(STRING),
		[KEY_DURATION] = TAKES_INTEGER | TAKES(FLOAT) | TAKES(STRING),
		[KEY_SIZE] = TAKES_INTEGER | TAKES(FLOAT) | TAKES(STRING),
		[KEY_STRINGS] = TAKES(ARRAY) | TAKES(LIST),
	};

	unsigned type = 1u << config_setting_type(setting);

	if (!(takes[key->type] & type) &&
	    !(key->words && type == TAKES(STRING)))
		return false;
	if (key->type == KEY_STRINGS)
		return load_strings(setting,
				    (char ***)((char *)object + key->offset));
	g_autofree char *text = setting_text(setting);
	return text && key_parse(key, text, object);
}

char *
key_expected(const struct config_key *key)
{
	switch (key->type) {
	case KEY_BOOL:
		return g_strdup("true or false");
	case KEY_UINT:
		return g_strdup_printf(
			"%s%s%sa whole number from %" PRIu64 " to %" PRIu64,
			key->words ? "\"" : "", key->words ? key->words[0] : "",
			key->words ? "\" or " : "", key->min, key->max);
	case KEY_WORD: {
		g_autofree char *words =
			g_strjoinv("\", \"", (char **)key->words);

		return g_strdup_printf("one of \"%s\"", words);
	}
	case KEY_DURATION: {
		g_autofree char *min = duration_print(key->min);
		g_autofree char *max = duration_print(key->max);

		return g_strdup_printf("a duration from %s to %s seconds", min,
				       max);
	}
	case KEY_SIZE: {
		g_autofree char *min = size_print(key->min);
		g_autofree char *max = size_print(key->max);

		return g_strdup_printf("a size from %s to %s", min, max);
	}
	case KEY_STRINGS:
		return g_strdup("a list of strings");
	case KEY_STRING:
		break;
	}
	return g_strdup(key->expected ?: "a string without control characters");
}

static char *
print_strings(char *const *strings)
{
	GString *out = g_string_new("[ ");

	for (size_t i = 0; strings[i]; i++) {
		g_autofree char *quoted = text_quote(strings[i]);

		g_string_append_printf(out, "%s%s", i ? ", " : "", quoted);
	}
	return g_string_free(g_string_append(out, *strings ? " ]" : "]"),
			     FALSE);
}

char *
key_print(const struct config_key *key, const void *object)
{
	const void *at = (const char *)object + key->offset;
	uint32_t n;

	switch (key->type) {
	case KEY_BOOL:
		return g_strdup(*(const bool *)at ? "true" : "false");
	case KEY_UINT:
		n = *(const uint32_t *)at;
		if (!n && key->words)
			return text_quote(key->words[0]);
		return g_strdup_printf("%" PRIu32 "%s", n,
				       n > INT32_MAX ? "L" : "");
	case KEY_STRING:
		return text_quote(*(char *const *)at);
	case KEY_WORD:
		return text_quote(key->words[*(const int *)at]);
	case KEY_DURATION:
		return duration_print(*(const uint64_t *)at);
	case KEY_SIZE:
		return size_print(*(const uint64_t *)at);
	case KEY_STRINGS:
		return print_strings(*(char **const *)at);
	}
	return NULL;
}

void
keys_init(const struct config_key *keys, void *object)
{
	for (const struct config_key *key = keys; key->name; key++) {
		g_autofree char *text =
			g_strdup_printf("value = %s;", key->value);
		config_t parsed;

		config_init(&parsed);
		bool ok =
			config_read_string(&parsed, text) &&
			key_load(key, config_lookup(&parsed, "value"), object);
		g_assert(ok);
		config_destroy(&parsed);
	}
}

void
keys_clear(const struct config_key *keys, void *object)
{
	for (const struct config_key *key = keys; key->name; key++) {
		void *at = (char *)object + key->offset;

		if (key->type == KEY_STRING)
			g_clear_pointer((char **)at, g_free);
		else if (key->type == KEY_STRINGS)
			g_clear_pointer((char ***)at, g_strfreev);
	}
}
