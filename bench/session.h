/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h - a conversation that never was: which packet comes next.
 *
 * TCP shakes hands at both ends, ICMP echoes or complains, UDP talks, perhaps
 * in datagrams of three fragments.  A session has a client address of its own,
 * so that no two make the same flow, not even by ICMP or later fragments.
 */
#ifndef SESSION_H
#define SESSION_H

#include <glib.h>

#include "capture.h"

enum {
	SESSION_MAX = 1 << 24,
};

struct session {
	uint32_t number, n_packets, n_sent;
	uint16_t port[2], server, vlan, id;
	uint8_t family, protocol, tos;
	uint8_t fragment; /* that comes next; 0: a new packet */
	bool backward, one_way, fragments;
};

/* In percent: what is so of all sessions, and of those of UDP. */
struct session_shares {
	double ipv6, vlan, fragments;
};

/* NUMBER, below SESSION_MAX, makes it unlike all others. */
void session_init(struct session *session, uint32_t number, uint32_t n_packets,
		  const struct session_shares *shares, GRand *dice);

/* Of n_packets in all; session->backward is its direction. */
struct packet session_next(struct session *session, GRand *dice);

/* What the packets of session->backward have in common. */
struct packet session_flow(const struct session *session);

#endif
