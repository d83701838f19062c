/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Captures, whole and damaged, into a flow table of the test's own.
 */
#include <string.h>
#include <unistd.h>

#include "../pcapfile.h"
#include "../pcapread.h"
#include "../tap.h"
#include "source_pcap.h"

#define SECOND CLOCK_SECOND_NS
#define T0     PCAPREAD_T0

enum { OCTETS = 100 };

/* Three packets, two flows, in each format. */
static void
test_formats(void)
{
	for (unsigned format = 0; format < PCAPFILE_FORMATS; format++) {
		struct pcapread *f = pcapread_new(1024);
		GByteArray *octets = pcapfile_new(format, PCAPFILE_RAW);
		uint64_t sub_us = format & PCAPFILE_NS ? 321 : 0;
		uint8_t data[OCTETS] = { 0 };

		pcapfile_udp(data, 1, OCTETS);
		pcapfile_add(octets, format, T0 + 123456000 + sub_us, data,
			     OCTETS, OCTETS);
		pcapfile_add(octets, format, T0 + 2 * SECOND + sub_us, data, 29,
			     OCTETS);
		pcapfile_udp(data, 2, 50);
		pcapfile_add(octets, format, T0 + 3 * SECOND, data, 50, 50);
		pcapread_add(f, octets);
		pcapread_all(f);
		g_assert_cmpstr(source_pcap_complaints(f->source), ==, NULL);
		g_assert_cmpuint(f->counters.packets_seen, ==, 3);
		g_assert_cmpuint(f->counters.flows_created, ==, 2);
		pcapread_check_flow(f, 1, 2, 2 * OCTETS, 123456000 + sub_us,
				    2 * SECOND + sub_us);
		pcapread_check_flow(f, 2, 1, 50, 3 * SECOND, 3 * SECOND);
		pcapread_check_sums(f, 0, 0);
		g_assert_cmpuint(source_pcap_last_ns(f->source), ==,
				 T0 + 3 * SECOND);
		pcapread_free(f);
	}
}

static GByteArray *
one_packet(uint64_t ns, uint16_t flow)
{
	GByteArray *octets = pcapfile_new(PCAPFILE_US, PCAPFILE_RAW);

	pcapfile_add_udp(octets, ns, flow, OCTETS);
	return octets;
}

static void
test_several(void)
{
	const size_t file_len = 24 + 16 + PCAPFILE_UDP_LEN;
	struct pcapread *f = pcapread_new(1024);

	for (int i = 0; i < 3; i++)
		pcapread_add(f, one_packet(T0 + i * SECOND, 7));
	pcapread_open(f);
	g_assert_cmpuint(source_pcap_size(f->source), ==, 3 * file_len);
	g_assert_cmpuint(source_pcap_done(f->source), ==, 0);
	g_assert_cmpuint(source_pcap_next_ns(f->source), ==, 0);
	for (guint i = 0; i < 3; i++) {
		uint64_t ns = T0 + i * SECOND;

		g_assert_cmpint(source_pcap_read(f->source, ns), ==,
				SOURCE_DUE);
		g_assert_cmpuint(source_pcap_next_ns(f->source), ==, ns);
		g_assert_cmpuint(f->counters.packets_seen, ==, i);
		g_assert_cmpuint(source_pcap_done(f->source), >, i * file_len);
		g_assert_cmpuint(source_pcap_done(f->source), <=,
				 (i + 1) * file_len);
	}
	pcapread_all(f);
	g_assert_cmpuint(source_pcap_done(f->source), ==, 3 * file_len);
	g_assert_null(source_pcap_complaints(f->source));
	pcapread_check_flow(f, 7, 3, 3 * OCTETS, 0, 2 * SECOND);
	pcapread_free(f);
}

/* Standard input is what LEN octets come from, between two files. */
static void
check_stdin(size_t cut, guint packets, const char *complaint)
{
	struct pcapread *f = pcapread_new(1024);
	g_autoptr(GByteArray) octets = one_packet(T0 + SECOND, 7);
	int saved = dup(STDIN_FILENO), ends[2];
	ssize_t len = octets->len - cut;

	pcapread_add(f, one_packet(T0, 7));
	f->files[f->n_files++] = "-";
	pcapread_add(f, one_packet(T0 + 2 * SECOND, 7));
	g_assert_cmpint(pipe(ends), ==, 0);
	g_assert_cmpint(write(ends[1], octets->data, len), ==, len);
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	pcapread_all(f);
	dup2(saved, STDIN_FILENO);
	close(saved);
	g_assert_cmpstr(source_pcap_complaints(f->source), ==, complaint);
	pcapread_check_flow(f, 7, packets, packets * OCTETS, 0, 2 * SECOND);
	pcapread_free(f);
}

static void
test_stdin(void)
{
	check_stdin(0, 3, NULL);
	check_stdin(1, 2,
		    "standard input: packet 1: truncated dump file; tried to "
		    "read 28 captured bytes, only got 27");
}

/* Cut anywhere: what is whole counts, and the complaint says where it ended. */
static void
test_cut(const void *data)
{
	unsigned format = GPOINTER_TO_UINT(data);
	g_autoptr(GByteArray) whole = pcapfile_new(format, PCAPFILE_RAW);
	size_t header_len = whole->len, packet_len;
	uint8_t udp[PCAPFILE_UDP_LEN];

	pcapfile_udp(udp, 1, PCAPFILE_UDP_LEN);
	for (int i = 0; i < 3; i++)
		pcapfile_add(whole, format, T0, udp, sizeof(udp), sizeof(udp));
	packet_len = (whole->len - header_len) / 3;
	for (size_t len = 0; len <= whole->len; len++) {
		struct pcapread *f = pcapread_new(16);
		GByteArray *cut = g_byte_array_new();
		size_t n =
			len < header_len ? 0 : (len - header_len) / packet_len;
		bool good =
			len >= header_len && len == header_len + n * packet_len;
		g_autofree char *begin = NULL;
		const char *path, *complaint;

		g_byte_array_append(cut, whole->data, len);
		path = pcapread_add(f, cut);
		/* Of a header that is cut, no packet is told. */
		begin = len < header_len
				? g_strdup_printf("%s: ", path)
				: g_strdup_printf("%s: packet %zu: ", path,
						  n + 1);
		pcapread_add(f, one_packet(T0, 2));
		pcapread_all(f);
		g_assert_cmpuint(f->counters.packets_seen, ==, n + 1);
		pcapread_check_flow(f, 2, 1, OCTETS, 0, 0);
		pcapread_check_sums(f, 0, 0);
		complaint = source_pcap_complaints(f->source);
		g_assert_cmpint(good, ==, complaint == NULL);
		if (!good) {
			g_assert_true(g_str_has_prefix(complaint, begin));
			g_assert_cmpuint(strlen(complaint), >, strlen(begin));
			g_assert_null(strchr(complaint, '\n'));
		}
		pcapread_free(f);
	}
}

/* What COMPLAINT is about, and how it ends. */
static void
check_complaint(const char *complaint, const char *path, const char *why)
{
	g_autofree char *begin = g_strdup_printf("%s: ", path);

	g_assert_nonnull(complaint);
	g_assert_true(g_str_has_prefix(complaint, begin));
	g_assert_nonnull(strstr(complaint, why));
}

/* None of these is a capture that we read; all are told, each in a line, and
 * the next is read. */
static void
test_bad(void)
{
	struct pcapread *f = pcapread_new(1024);
	g_autofree char *missing = g_build_filename(f->dir, "missing", NULL);
	const char *text, *user0;
	g_auto(GStrv) lines = NULL;

	text = pcapread_add(f,
			    g_byte_array_new_take(
				    (uint8_t *)g_strdup("not a capture at all, "
							"but some text"),
				    34));
	f->files[f->n_files++] = missing;
	user0 = pcapread_add(f, pcapfile_new(PCAPFILE_US, 147));
	f->files[f->n_files++] = f->dir;
	pcapread_all(f);
	lines = g_strsplit(source_pcap_complaints(f->source), "\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 4);
	check_complaint(lines[0], text, "unknown file format");
	check_complaint(lines[1], missing, "No such file or directory");
	check_complaint(lines[2], user0, "link type not supported: ");
	check_complaint(lines[3], f->dir, "Is a directory");
	g_assert_cmpuint(f->counters.packets_seen, ==, 0);
	g_assert_cmpuint(source_pcap_last_ns(f->source), ==, 0);
	pcapread_free(f);
}

/* A length that cannot be: what was read up to there stays. */
static void
test_garbage(void)
{
	struct pcapread *f = pcapread_new(1024);
	GByteArray *octets = one_packet(T0, 7);
	g_autofree char *why = NULL;
	const char *path;

	for (int i = 0; i < 100; i++)
		g_byte_array_append(octets, (const uint8_t *)"\xa5", 1);
	path = pcapread_add(f, octets);
	pcapread_all(f);
	why = g_strdup_printf("%s: packet 2: invalid packet capture length",
			      path);
	g_assert_true(g_str_has_prefix(source_pcap_complaints(f->source), why));
	pcapread_check_flow(f, 7, 1, OCTETS, 0, 0);
	pcapread_free(f);
}

/* Freed while a file is open, with a packet that nobody took. */
static void
test_free(void)
{
	struct pcapread *f = pcapread_new(1024);

	pcapread_add(f, one_packet(T0, 7));
	pcapread_open(f);
	g_assert_cmpint(source_pcap_read(f->source, T0), ==, SOURCE_DUE);
	pcapread_free(f);
	source_pcap_free(NULL);
}

static void
add(void)
{
	g_test_add_func("/pcap/formats", test_formats);
	g_test_add_func("/pcap/several", test_several);
	g_test_add_func("/pcap/stdin", test_stdin);
	g_test_add_data_func("/pcap/cut", GUINT_TO_POINTER(PCAPFILE_US),
			     test_cut);
	g_test_add_data_func("/pcapng/cut", GUINT_TO_POINTER(PCAPFILE_NG),
			     test_cut);
	g_test_add_func("/pcap/bad", test_bad);
	g_test_add_func("/pcap/garbage", test_garbage);
	g_test_add_func("/pcap/free", test_free);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
