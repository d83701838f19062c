/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../tap.h"
#include "control_biggest.h"

static int
compare(const void *a, const void *b)
{
	const guint x = *(const guint *)a, y = *(const guint *)b;

	return (x < y) - (x > y);
}

/* Of OFFERED random ones, many of which are equal, the MAX biggest. */
static void
check(enum control_sort sort, guint max, guint offered)
{
	g_autofree guint *sizes = g_new(guint, offered + 1);
	g_autoptr(GArray) got = NULL;
	struct biggest biggest;

	biggest_init(&biggest, sort, max);
	for (guint i = 0; i < offered; i++) {
		struct record record = { 0 };

		sizes[i] = g_test_rand_int_range(0, 2 * offered);
		record.total_octets = sort == CONTROL_BYTES ? sizes[i] : 7;
		record.total_packets = sort == CONTROL_PACKETS ? sizes[i] : 7;
		record.end_ns = sort == CONTROL_LAST ? sizes[i] : 7;
		biggest_offer(&biggest, &record);
	}
	qsort(sizes, offered, sizeof(*sizes), compare);
	got = biggest_take(&biggest);
	g_assert_cmpuint(got->len, ==, MIN(max, offered));
	for (guint i = 0; i < got->len; i++) {
		const struct record *record =
			&g_array_index(got, struct record, i);

		g_assert_cmpuint(sort == CONTROL_BYTES ? record->total_octets
				 : sort == CONTROL_PACKETS
					 ? record->total_packets
					 : record->end_ns,
				 ==, sizes[i]);
	}
}

static void
test_biggest(void)
{
	static const guint offered[] = { 0, 1, 2, 19, 20, 21, 1000 };
	static const guint max[] = { 1, 2, 20, 100 };

	for (enum control_sort sort = CONTROL_BYTES; sort <= CONTROL_LAST;
	     sort++)
		for (size_t i = 0; i < G_N_ELEMENTS(offered); i++)
			for (size_t j = 0; j < G_N_ELEMENTS(max); j++)
				check(sort, max[j], offered[i]);
}

static void
add(void)
{
	g_test_add_func("/control/biggest", test_biggest);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
