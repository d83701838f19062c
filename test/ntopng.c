/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntopng.h"

#include "hex.h"

char *
ntopng_expected(const char *name, const char *key)
{
	g_autofree char *path = g_test_build_filename(
		G_TEST_DIST, "test", "data", "ntopng.ini", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();
	char *value;

	g_assert_true(g_key_file_load_from_file(file, path, 0, NULL));
	value = g_key_file_get_string(file, name, key, NULL);
	g_assert_nonnull(value);
	return value;
}

void
ntopng_assert(const struct message *message, const char *name)
{
	g_autofree char *head = ntopng_expected(name, "header");
	g_autofree char *body = ntopng_expected(name, "body");

	g_test_message("%s", name);
	hex_check(message->data, message->head, head);
	hex_check(message->data + message->head, message->len - message->head,
		  body);
}

struct message
ntopng_take(struct encoder *encoder)
{
	struct message message;

	g_assert_true(encode_ntopng.take(encoder, NTOPNG_WALL_NS, &message));
	return message;
}

void
ntopng_add(struct encoder *encoder, enum records_kind kind)
{
	struct record record;

	records_fill(&record, kind);
	g_assert_true(encode_ntopng.add(encoder, &record));
}
