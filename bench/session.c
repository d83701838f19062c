/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>

#include "session.h"

enum {
	N_FRAGMENTS = 3,
	N_SERVERS = 4096,
};

static bool
one_in(GRand *dice, double percent)
{
	return g_rand_double(dice) * 100 < percent;
}

static bool
is_icmp(const struct session *s)
{
	return s->protocol == IPPROTO_ICMP || s->protocol == IPPROTO_ICMPV6;
}

/* Type and code: unreachable, echo request, echo reply. */
static uint16_t
icmp(const struct session *s)
{
	if (s->one_way)
		return s->family == AF_INET ? 0x0303 : 0x0104;
	if (s->family == AF_INET)
		return s->backward ? 0x0000 : 0x0800;
	return s->backward ? 0x8100 : 0x8000;
}

/* An odd factor permutes: clients differ, and look random. */
static void
set_address(uint8_t address[16], const struct session *s, bool server)
{
	uint32_t client = s->number * 0x9e3779b1 & (SESSION_MAX - 1);
	uint32_t word[4] = { 0x20010db8, server, 0,
			     server ? s->server : client };

	if (s->family == AF_INET)
		word[0] = (server ? 0xac100000 : 0x0a000000) | word[3];
	for (int i = 0; i < 4; i++)
		word[i] = htonl(word[i]);
	memcpy(address, word, 16);
}

struct packet
session_flow(const struct session *s)
{
	struct packet packet = {
		.family = s->family,
		.protocol = s->protocol,
		.tos = s->tos,
		.vlan = s->vlan,
		.port = { s->port[s->backward], s->port[!s->backward] },
	};

	set_address(packet.src, s, s->backward);
	set_address(packet.dst, s, !s->backward);
	if (is_icmp(s)) {
		packet.port[0] = 0;
		packet.port[1] = icmp(s);
	}
	return packet;
}

static uint8_t
tcp_flags(const struct session *s, GRand *dice)
{
	uint32_t i = s->n_sent;

	if (i == 0)
		return TH_SYN;
	if (i == 1)
		return TH_ACK | (s->n_packets == 2 ? TH_RST : TH_SYN);
	if (i > 2 && i + 2 >= s->n_packets)
		return TH_ACK | TH_FIN;
	return TH_ACK | (i > 2 && one_in(dice, 50) ? TH_PUSH : 0);
}

/* Hands are shaken, and again at the end; between, nobody knows. */
static bool
goes_backward(const struct session *s, GRand *dice)
{
	if (s->fragment)
		return s->backward;
	if (s->n_sent <= 2 || is_icmp(s))
		return s->n_sent % 2 && !s->one_way;
	if (s->protocol == IPPROTO_TCP && s->n_sent + 2 >= s->n_packets)
		return s->n_sent + 1 == s->n_packets;
	return one_in(dice, 50) && !s->one_way;
}

/* Of layer 4, with its header. */
static uint32_t
upper_len(const struct session *s, uint8_t flags, GRand *dice)
{
	uint32_t header = s->protocol == IPPROTO_TCP ? 20 : 8;
	double dies = g_rand_double(dice);

	if (is_icmp(s))
		return header + 56;
	if (s->protocol == IPPROTO_TCP &&
	    (s->n_sent <= 2 || flags & (TH_FIN | TH_RST) || dies < 0.45))
		return header;
	if (dies > 0.7)
		return CAPTURE_MSS;
	return header + dies * (CAPTURE_MSS - header);
}

static void
set_fragment(struct session *s, struct packet *packet)
{
	uint32_t last_len = 1 + s->number % 1000;

	packet->fragment = true;
	packet->offset = s->fragment * CAPTURE_MSS;
	packet->more = s->fragment < N_FRAGMENTS - 1;
	packet->len = packet->more ? CAPTURE_MSS : last_len;
	packet->whole_len = (N_FRAGMENTS - 1) * CAPTURE_MSS + last_len;
	s->fragment = (s->fragment + 1) % N_FRAGMENTS;
}

struct packet
session_next(struct session *s, GRand *dice)
{
	struct packet packet;

	s->backward = goes_backward(s, dice);
	packet = session_flow(s);
	packet.id = s->id += !s->fragment;
	packet.number = s->n_sent;
	if (s->fragment ||
	    (s->fragments && s->n_packets - s->n_sent >= N_FRAGMENTS)) {
		set_fragment(s, &packet);
	} else {
		if (s->protocol == IPPROTO_TCP)
			packet.flags = tcp_flags(s, dice);
		packet.len = upper_len(s, packet.flags, dice);
		packet.whole_len = packet.len;
	}
	s->n_sent++;
	return packet;
}

void
session_init(struct session *s, uint32_t number, uint32_t packets,
	     const struct session_shares *shares, GRand *dice)
{
	static const uint16_t tcp[] = { 443, 443, 443, 80, 22, 25, 993, 8080 };
	static const uint8_t tos[] = { 0, 0, 0, 0, 0, 0, 0x28, 0xb8 };
	bool ipv6 = one_in(dice, shares->ipv6);
	double dies = g_rand_double(dice);

	s->number = number;
	s->n_packets = packets;
	s->family = ipv6 ? AF_INET6 : AF_INET;
	s->port[0] = g_rand_int_range(dice, 1024, 65536);
	if (dies < 0.62) {
		s->protocol = IPPROTO_TCP;
		s->port[1] = tcp[g_rand_int_range(dice, 0, G_N_ELEMENTS(tcp))];
	} else if (dies < 0.97) {
		s->protocol = IPPROTO_UDP;
		s->port[1] = packets > 2 ? 443 : 53;
		s->fragments = one_in(dice, shares->fragments);
	} else {
		s->protocol = ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	}
	s->one_way = s->protocol != IPPROTO_TCP && one_in(dice, 10);
	s->tos = tos[g_rand_int_range(dice, 0, G_N_ELEMENTS(tos))];
	s->server = g_rand_int_range(dice, 0, N_SERVERS);
	if (one_in(dice, shares->vlan))
		s->vlan = g_rand_int_range(dice, 100, 164);
}
