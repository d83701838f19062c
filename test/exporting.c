/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exporting.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "records.h"
#include "udp.h"

#define DOMAIN 77
#define SET_ID 2 /* of template sets, RFC 7011 3.3.2 */
#define QUEUE  (1 << 20)

static const char template_text[] =
	"ipv4 = [ \"sourceIPv4Address\", \"octetDeltaCount\" ];\n";

void
exporting_setup(struct exporting *f, uint64_t refresh_ms,
		uint32_t refresh_packets)
{
	g_autofree char *dir = g_dir_make_tmp("test-exporter-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "small.conf", NULL);
	const char *const dirs[] = { dir, NULL };
	g_autoptr(GError) error = NULL;
	uint16_t port;

	memset(f, 0, sizeof(*f));
	g_assert_true(g_file_set_contents(path, template_text, -1, NULL));
	f->fd = udp_receiver(AF_INET, &port);
	f->collector = (struct collector){
		.origin = (char *)"test:1",
		.name = (char *)"main",
		.host = (char *)"127.0.0.1",
		.protocol = (char *)"ipfix",
		.transport = (char *)"udp",
		.template_set = (char *)"small",
		.source = (char *)"",
		.port = port,
		.mtu = EXPORTING_MTU,
		.template_refresh_ns = refresh_ms * 1000000,
		.template_refresh_packets = refresh_packets,
		.queue = QUEUE,
	};
	f->exporter = exporter_new(&f->collector, DOMAIN, dirs, false, &error);
	g_assert_no_error(error);
	g_unlink(path);
	g_rmdir(dir);
	f->sink = exporter_sink(f->exporter);
}

void
exporting_teardown(struct exporting *f)
{
	exporter_free(f->exporter);
	close(f->fd);
}

void
exporting_push(struct exporting *f, unsigned n)
{
	struct record record;

	records_fill(&record, RECORDS_TCP4);
	for (; n > 0; n--) {
		record.value.octets = f->pushed++;
		sink_push(&f->sink, &record);
	}
}

void
exporting_push_flush(struct exporting *f, unsigned n)
{
	exporting_push(f, n);
	sink_flush(&f->sink);
	while (exporter_busy(f->exporter))
		g_main_context_iteration(NULL, TRUE);
}

static uint32_t
get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return ntohl(value);
}

static void
check_records(struct exporting *f, const uint8_t *at, const uint8_t *end)
{
	for (; at + EXPORTING_RECORD_LEN <= end; at += EXPORTING_RECORD_LEN) {
		g_assert_cmphex(get32(at), ==, 0xc0000201);
		g_assert_cmpuint(get32(at + 4), ==, 0);
		g_assert_cmpuint(get32(at + 8), ==, f->seen++);
	}
}

char
exporting_receive(struct exporting *f)
{
	uint8_t data[EXPORTING_MTU + 1];
	ssize_t len = udp_receive(f->fd, data, sizeof(data), NULL);
	uint32_t set;

	if (len < 0)
		return '-';
	g_assert_cmpint(len, >=, 20);
	g_assert_cmpint(len, <=, EXPORTING_MTU);
	g_assert_cmphex(get32(data), ==, 10 << 16 | len);
	g_assert_cmpint(ABS((int64_t)get32(data + 4) -
			    g_get_real_time() / G_USEC_PER_SEC),
			<=, 2);
	g_assert_cmpuint(get32(data + 8), ==, f->seen);
	g_assert_cmpuint(get32(data + 12), ==, DOMAIN);
	set = get32(data + 16);
	g_assert_cmpuint(set & 0xffff, ==, len - 16);
	if (set >> 16 == SET_ID)
		return 'T';
	g_assert_cmpuint(set >> 16, >=, 256);
	check_records(f, data + 20, data + len);
	return 'D';
}

void
exporting_expect(struct exporting *f, const char *expected)
{
	g_autoptr(GString) got = g_string_new(NULL);

	while (got->len < strlen(expected))
		g_string_append_c(got, exporting_receive(f));
	g_assert_cmpstr(got->str, ==, expected);
}
