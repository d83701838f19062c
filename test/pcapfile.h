/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcapfile.h - captures, written by the tests that read them.
 */
#ifndef PCAPFILE_H
#define PCAPFILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define PCAPFILE_RAW	  101 /* LINKTYPE_RAW, of pcapfile_udp() */
#define PCAPFILE_ETHERNET 1

enum pcapfile_format {
	PCAPFILE_US = 0,
	PCAPFILE_NS = 1, /* nanoseconds */
	PCAPFILE_SWAPPED = 2,
	PCAPFILE_NG = 4, /* pcapng */
	PCAPFILE_FORMATS = 8,
};

enum { PCAPFILE_UDP_LEN = 28 };

/* The header of a capture: append packets, then write it. */
GByteArray *pcapfile_new(unsigned format, uint16_t link_type);

/* Appends a packet of LEN octets, of which the CAUGHT at DATA are there. */
void pcapfile_add(GByteArray *octets, unsigned format, uint64_t ns,
		  const void *data, uint32_t caught, uint32_t len);

/* Fills in the headers of a UDP datagram from 192.0.2.1 to 198.51.100.1, source
 * port FLOW, that has OCTETS in all. */
void pcapfile_udp(uint8_t data[PCAPFILE_UDP_LEN], uint16_t flow,
		  uint16_t octets);

/* Such a datagram in a PCAPFILE_US of PCAPFILE_RAW, cut behind its headers. */
void pcapfile_add_udp(GByteArray *octets, uint64_t ns, uint16_t flow,
		      uint16_t udp_octets);

/* A new directory; and removes it with the files in it. */
char *pcapfile_make_dir(void);
void pcapfile_remove_dir(char *dir);

/* Writes DIR/NAME; its path, to be freed. */
char *pcapfile_write(const char *dir, const char *name, const void *octets,
		     size_t len);

#endif
