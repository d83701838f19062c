/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * records.h - a few known records, for the tests of what comes after the table.
 *
 * Every member has a value of its own, so that a mix-up shows; what must not
 * be read (slack, padding) is all ones.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include "iftable.h"
#include "meter.h"
#include "record.h"

enum records_kind {
	RECORDS_TCP4,	/* ingress, on records_in alone */
	RECORDS_UDP6,	/* ingress, forwarded from records_in to records_out */
	RECORDS_ICMP4,	/* echo request, ingress */
	RECORDS_ICMP6,	/* neighbour solicitation, egress, on records_out */
	RECORDS_EGRESS, /* TCP over IPv4 in VLAN 100, to records_out */
	RECORDS_N,
};

extern const struct iface records_in;  /* 2, "eth0" */
extern const struct iface records_out; /* 300, "wan1" */
extern const struct meter records_meter;

/* Makes *RECORD the known record of that KIND. */
void records_fill(struct record *record, enum records_kind kind);

#endif
