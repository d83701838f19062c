/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures through table and scans to records, by the packets' own clock.
 */
#include "../pcapfile.h"
#include "../replayer.h"
#include "../tap.h"

#define SECOND CLOCK_SECOND_NS
#define MS     (SECOND / 1000)
#define US     (SECOND / 1000000)
#define T0     REPLAYER_T0

enum { OCTETS = REPLAYER_OCTETS };

/* Ten minutes in a moment: one flow each second, one each 20 s, one that goes
 * quiet for just not long enough. */
static void
test_timeouts(void)
{
	GByteArray *octets = pcapfile_new(PCAPFILE_US, PCAPFILE_RAW);
	struct replayer *f;

	for (int s = 0; s < 600; s++) {
		pcapfile_add_udp(octets, T0 + s * SECOND, 1, OCTETS);
		if (s % 20 == 0)
			pcapfile_add_udp(octets, T0 + s * SECOND + 77 * US, 2,
					 OCTETS);
		if (s < 56 && s % 14 == 0)
			pcapfile_add_udp(octets, T0 + s * SECOND + 78 * US, 3,
					 OCTETS);
	}
	f = replayer_new(1024, octets, NULL);
	replayer_run(f);
	for (int i = 0; i < 10; i++)
		replayer_check_record(f, 1, i, 60, i * 60 * SECOND,
				      (i * 60 + 59) * SECOND,
				      i < 9 ? END_ACTIVE : END_FORCED);
	g_assert_null(replayer_find(f, 1, 10));
	for (int i = 0; i < 30; i++)
		replayer_check_record(f, 2, i, 1, i * 20 * SECOND + 77 * US,
				      i * 20 * SECOND + 77 * US, END_IDLE);
	g_assert_null(replayer_find(f, 2, 30));
	replayer_check_record(f, 3, 0, 4, 78 * US, 42 * SECOND + 78 * US,
			      END_IDLE);
	g_assert_null(replayer_find(f, 3, 1));
	g_assert_cmpuint(f->stats.kernel.flows_created, ==, 1 + 30 + 1);
	g_assert_null(replay_complaints(f->replay));
	replayer_free(f);
}

/* Two packets, a pause, two packets: two records, of exact times.  The table's
 * clock is modulo 2^32 us: a pause of just that must not look like none. */
static void
test_pause(void)
{
	const uint64_t wrap = UINT64_C(4294967296) * US;
	const uint64_t pauses[] = {
		17 * SECOND,
		60 * SECOND,
		wrap - SECOND,
		wrap,
		wrap + US,
		wrap + SECOND,
		5 * 3600 * SECOND,
		2 * wrap,
		400 * 24 * 3600 * SECOND,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(pauses); i++) {
		uint64_t second = SECOND + pauses[i];
		GByteArray *octets = pcapfile_new(PCAPFILE_US, PCAPFILE_RAW);
		struct replayer *f;

		pcapfile_add_udp(octets, T0, 1, OCTETS);
		pcapfile_add_udp(octets, T0 + SECOND, 1, OCTETS);
		pcapfile_add_udp(octets, T0 + second, 1, OCTETS);
		pcapfile_add_udp(octets, T0 + second + 999999 * US, 1, OCTETS);
		f = replayer_new(1024, octets, NULL);
		replayer_run(f);
		g_assert_cmpuint(f->records->len, ==, 2);
		replayer_check_record(f, 1, 0, 2, 0, SECOND, END_IDLE);
		replayer_check_record(f, 1, 1, 2, second, second + 999999 * US,
				      END_FORCED);
		replayer_free(f);
	}
}

/* A file of last year behind today's: its flows are flows of their own. */
static void
test_back(void)
{
	const uint64_t year = UINT64_C(365) * 24 * 3600 * SECOND;
	GByteArray *today = pcapfile_new(PCAPFILE_US, PCAPFILE_RAW),
		   *old = pcapfile_new(PCAPFILE_US, PCAPFILE_RAW);
	struct replayer *f;

	pcapfile_add_udp(today, T0, 1, OCTETS);
	pcapfile_add_udp(today, T0 + SECOND, 1, OCTETS);
	pcapfile_add_udp(old, T0 - year, 1, OCTETS);
	pcapfile_add_udp(old, T0 - year + SECOND, 1, OCTETS);
	pcapfile_add_udp(old, T0 - year + 30 * SECOND, 2, OCTETS);
	f = replayer_new(1024, today, old);
	replayer_run(f);
	replayer_check_record(f, 1, 0, 2, 0, SECOND, END_FORCED);
	replayer_check_record(f, 1, 1, 2, -year, SECOND - year, END_IDLE);
	replayer_check_record(f, 2, 0, 1, 30 * SECOND - year,
			      30 * SECOND - year, END_FORCED);
	replayer_free(f);
}

/* Packets that come some seconds late: in the flow, or in one of their own,
 * but all of them, and none at another's time. */
static void
test_disorder(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(1);
	GByteArray *octets = pcapfile_new(PCAPFILE_US, PCAPFILE_RAW);
	struct replayer *f;

	for (int i = 0; i < 20000; i++)
		pcapfile_add_udp(octets,
				 T0 + i * 10 * MS +
					 g_rand_int_range(rand, 0, 5000) * MS,
				 g_rand_int_range(rand, 0, 100), OCTETS);
	f = replayer_new(1024, octets, NULL);
	replayer_run(f);
	g_assert_cmpuint(f->stats.packets_recorded, ==, 20000);
	for (guint i = 0; i < f->records->len; i++) {
		const struct record *record =
			&g_array_index(f->records, struct record, i);

		g_assert_cmpuint(record->start_ns, >=, T0);
		g_assert_cmpuint(record->end_ns, <, T0 + 205 * SECOND);
	}
	replayer_free(f);
}

/* A bare segment between the addresses of pcapfile_udp(), port 80 at the one
 * end, FLOW at the other. */
static void
add_tcp(GByteArray *octets, uint64_t ns, uint16_t flow, bool back,
	uint8_t flags)
{
	uint8_t data[40] = { 0 };
	uint16_t from = back ? 80 : flow, to = back ? flow : 80;

	pcapfile_udp(data, 0, sizeof(data));
	data[9] = IPPROTO_TCP;
	for (int i = 0; back && i < 4; i++) {
		uint8_t octet = data[12 + i];

		data[12 + i] = data[16 + i];
		data[16 + i] = octet;
	}
	data[20] = from >> 8;
	data[21] = from;
	data[22] = to >> 8;
	data[23] = to;
	data[32] = 5 << 4;
	data[33] = flags;
	pcapfile_add(octets, PCAPFILE_US, ns, data, sizeof(data), sizeof(data));
}

/* Two connections between the same ports, half a second apart, and one that is
 * half closed. */
static void
test_tcp(void)
{
	enum { FIN = 0x01, SYN = 0x02, ACK = 0x10 };
	GByteArray *octets = pcapfile_new(PCAPFILE_US, PCAPFILE_RAW);
	uint32_t n_ended[2] = { 0 };
	struct replayer *f;

	add_tcp(octets, T0, 2, false, FIN | ACK);
	for (int i = 0; i < 2; i++) {
		uint64_t ns = T0 + i * SECOND / 2;

		add_tcp(octets, ns, 1, false, SYN);
		add_tcp(octets, ns + 1 * MS, 1, true, SYN | ACK);
		add_tcp(octets, ns + 2 * MS, 1, false, FIN | ACK);
		add_tcp(octets, ns + 3 * MS, 1, true, FIN | ACK);
	}
	for (int s = 1; s < 30; s++) {
		add_tcp(octets, T0 + s * SECOND, 2, true, ACK);
		if (s == 10)
			add_tcp(octets, T0 + s * SECOND, 2, false, ACK);
	}
	f = replayer_new(1024, octets, NULL);
	replayer_run(f);
	g_assert_cmpuint(f->stats.kernel.flows_created, ==, 4 + 2);
	g_assert_cmpuint(f->stats.flows_ended_tcp, ==, 4 + 1);
	for (guint i = 0; i < f->records->len; i++) {
		const struct record *record =
			&g_array_index(f->records, struct record, i);

		if (record->key.src_port != 1 && record->key.dst_port != 1)
			continue;
		g_assert_cmpuint(record->end_reason, ==, END_TCP);
		g_assert_cmpuint(record->value.packets, ==, 2);
		g_assert_cmpuint(record->end_ns - record->start_ns, ==, 2 * MS);
		n_ended[record->start_ns >= T0 + SECOND / 2]++;
	}
	g_assert_cmpuint(n_ended[0], ==, 2);
	g_assert_cmpuint(n_ended[1], ==, 2);
	/* The half of it that is closed was quiet, but waited. */
	g_assert_cmpuint(f->records->len, ==, 4 + 2);
	replayer_free(f);
}

static void
add(void)
{
	g_test_add_func("/replay/timeouts", test_timeouts);
	g_test_add_func("/replay/pause", test_pause);
	g_test_add_func("/replay/back", test_back);
	g_test_add_func("/replay/disorder", test_disorder);
	g_test_add_func("/replay/tcp", test_tcp);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
