/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcapfile.h"

#include <glib/gstdio.h>
#include <string.h>

#include "clock.h"

enum {
	SNAP_LEN = 65535,
	SECTION_LEN = 28,
	INTERFACE_LEN = 32,
	PACKET_LEN = 32, /* without its data */
};

static void
add16(GByteArray *octets, unsigned format, uint16_t value)
{
	if (format & PCAPFILE_SWAPPED)
		value = GUINT16_SWAP_LE_BE(value);
	g_byte_array_append(octets, (const uint8_t *)&value, sizeof(value));
}

static void
add32(GByteArray *octets, unsigned format, uint32_t value)
{
	if (format & PCAPFILE_SWAPPED)
		value = GUINT32_SWAP_LE_BE(value);
	g_byte_array_append(octets, (const uint8_t *)&value, sizeof(value));
}

static uint64_t
units(unsigned format, uint64_t ns)
{
	return format & PCAPFILE_NS ? ns : ns / 1000;
}

static void
add_pcap_header(GByteArray *octets, unsigned format, uint16_t link_type)
{
	add32(octets, format, format & PCAPFILE_NS ? 0xa1b23c4d : 0xa1b2c3d4);
	add16(octets, format, 2); /* version 2.4 */
	add16(octets, format, 4);
	add32(octets, format, 0); /* time zone */
	add32(octets, format, 0); /* accuracy */
	add32(octets, format, SNAP_LEN);
	add32(octets, format, link_type);
}

/* A section, of unknown length, and its interface. */
static void
add_pcapng_header(GByteArray *octets, unsigned format, uint16_t link_type)
{
	const uint8_t resolution[4] = { format & PCAPFILE_NS ? 9 : 6 };

	add32(octets, format, 0x0a0d0d0a);
	add32(octets, format, SECTION_LEN);
	add32(octets, format, 0x1a2b3c4d);
	add16(octets, format, 1); /* version 1.0 */
	add16(octets, format, 0);
	add32(octets, format, UINT32_MAX);
	add32(octets, format, UINT32_MAX);
	add32(octets, format, SECTION_LEN);

	add32(octets, format, 1);
	add32(octets, format, INTERFACE_LEN);
	add16(octets, format, link_type);
	add16(octets, format, 0);
	add32(octets, format, SNAP_LEN);
	add16(octets, format, 9); /* option if_tsresol: 10^-N */
	add16(octets, format, 1);
	g_byte_array_append(octets, resolution, sizeof(resolution));
	add32(octets, format, 0); /* end of options */
	add32(octets, format, INTERFACE_LEN);
}

GByteArray *
pcapfile_new(unsigned format, uint16_t link_type)
{
	GByteArray *octets = g_byte_array_new();

	if (format & PCAPFILE_NG)
		add_pcapng_header(octets, format, link_type);
	else
		add_pcap_header(octets, format, link_type);
	return octets;
}

static void
add_pcapng_packet(GByteArray *octets, unsigned format, uint64_t ns,
		  const void *data, uint32_t caught, uint32_t len)
{
	static const uint8_t zero[4];
	uint32_t padding = -caught & 3;
	uint64_t time = units(format, ns);

	add32(octets, format, 6);
	add32(octets, format, PACKET_LEN + caught + padding);
	add32(octets, format, 0); /* interface */
	add32(octets, format, time >> 32);
	add32(octets, format, time);
	add32(octets, format, caught);
	add32(octets, format, len);
	g_byte_array_append(octets, data, caught);
	g_byte_array_append(octets, zero, padding);
	add32(octets, format, PACKET_LEN + caught + padding);
}

void
pcapfile_add(GByteArray *octets, unsigned format, uint64_t ns, const void *data,
	     uint32_t caught, uint32_t len)
{
	if (format & PCAPFILE_NG) {
		add_pcapng_packet(octets, format, ns, data, caught, len);
		return;
	}
	add32(octets, format, ns / CLOCK_SECOND_NS);
	add32(octets, format, units(format, ns % CLOCK_SECOND_NS));
	add32(octets, format, caught);
	add32(octets, format, len);
	g_byte_array_append(octets, data, caught);
}

void
pcapfile_udp(uint8_t data[PCAPFILE_UDP_LEN], uint16_t flow, uint16_t octets)
{
	static const uint8_t headers[PCAPFILE_UDP_LEN] = {
		0x45, 0, 0,   0,  0,   0, 0, 0, 64, 17, 0, 0, 192, 0,
		2,    1, 198, 51, 100, 1, 0, 0, 0,  53, 0, 0, 0,   0,
	};
	uint16_t udp_octets = octets - 20;

	memcpy(data, headers, PCAPFILE_UDP_LEN);
	data[2] = octets >> 8;
	data[3] = octets;
	data[20] = flow >> 8;
	data[21] = flow;
	data[24] = udp_octets >> 8;
	data[25] = udp_octets;
}

void
pcapfile_add_udp(GByteArray *octets, uint64_t ns, uint16_t flow,
		 uint16_t udp_octets)
{
	uint8_t data[PCAPFILE_UDP_LEN];

	pcapfile_udp(data, flow, udp_octets);
	pcapfile_add(octets, PCAPFILE_US, ns, data, PCAPFILE_UDP_LEN,
		     udp_octets);
}

char *
pcapfile_make_dir(void)
{
	g_autoptr(GError) error = NULL;
	char *dir = g_dir_make_tmp("flowexport.XXXXXX", &error);

	g_assert_no_error(error);
	return dir;
}

void
pcapfile_remove_dir(char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir))) {
		g_autofree char *file = g_build_filename(path, name, NULL);

		g_assert_cmpint(g_remove(file), ==, 0);
	}
	g_assert_cmpint(g_rmdir(path), ==, 0);
	g_free(path);
}

char *
pcapfile_write(const char *dir, const char *name, const void *octets,
	       size_t len)
{
	char *path = g_build_filename(dir, name, NULL);
	g_autoptr(GError) error = NULL;

	g_file_set_contents(path, octets, len, &error);
	g_assert_no_error(error);
	return path;
}
