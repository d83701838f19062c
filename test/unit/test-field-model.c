/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements are those of the information model, as libfixbuf has it. */
#include <fixbuf/public.h>

#include "../tap.h"
#include "field.h"

/* libfixbuf's type of what FIELD sends. */
static uint8_t
model_type(const struct field *field)
{
	switch (field->kind) {
	case FIELD_BYTES:
		return field->length == 16 ? FB_IP6_ADDR : FB_OCTET_ARRAY;
	case FIELD_IPV4:
		return FB_IP4_ADDR;
	case FIELD_MAC:
		return FB_MAC_ADDR;
	case FIELD_STRING:
		return FB_STRING;
	case FIELD_SEC:
		return FB_DT_SEC;
	case FIELD_MSEC:
	case FIELD_EPOCH:
		return FB_DT_MILSEC;
	case FIELD_USEC:
		return FB_DT_MICROSEC;
	case FIELD_NSEC:
		return FB_DT_NANOSEC;
	}
	switch (field->length) {
	case 1:
		return FB_UINT_8;
	case 2:
		return FB_UINT_16;
	case 4:
		return FB_UINT_32;
	default:
		g_assert_cmpint(field->length, ==, 8);
		return FB_UINT_64;
	}
}

/* RFC 3954 8 */
static uint16_t
v9_type(const struct field *field)
{
	static const struct {
		uint16_t id, v9;
	} others[] = {
		{ 139, 32 }, /* ICMP_TYPE, of either version */
		{ 152, 22 }, /* FIRST_SWITCHED */
		{ 153, 21 }, /* LAST_SWITCHED */
	};

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
		if (others[i].id == field->id)
			return others[i].v9;
	}
	return field->id < 128 ? field->id : 0;
}

static void
test_model(gconstpointer data)
{
	const struct field *field = data;
	fbInfoModel_t *model = fbInfoModelAlloc();
	const fbInfoElement_t *element =
		fbInfoModelGetElementByName(model, field->name);

	g_assert_nonnull(element);
	g_assert_cmpint(field->pen, ==, element->ent);
	g_assert_cmpint(field->id, ==, element->num);
	if (element->len != FB_IE_VARLEN)
		g_assert_cmpint(field->length, ==, element->len);
	g_assert_cmpint(model_type(field), ==, element->type);
	g_assert_cmpint(field->v9, ==, v9_type(field));
	fbInfoModelFree(model);
}

/* So are those of biflows (RFC 5103). */
static void
test_reverse(void)
{
	fbInfoModel_t *model = fbInfoModelAlloc();

	for (const struct field *row = field_reverse; row->name; row++) {
		const fbInfoElement_t *element =
			fbInfoModelGetElementByName(model, row->name);

		g_assert_nonnull(element);
		g_assert_cmpuint(element->ent, ==, row->pen);
		g_assert_cmpuint(element->num, ==, row->id);
		g_assert_cmpuint(element->len, ==, row->length);
	}
	fbInfoModelFree(model);
}

static void
add(void)
{
	for (const struct field *field = fields; field->name; field++) {
		g_autofree char *path =
			g_strdup_printf("/field/model/%s", field->name);

		g_test_add_data_func(path, field, test_model);
	}
	g_test_add_func("/field/reverse", test_reverse);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
