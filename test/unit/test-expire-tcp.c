/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ends that TCP tells of: FIN in both directions or one, RST, the linger.
 */
#include <string.h>

#include "../expirer.h"
#include "../tap.h"

#define SECOND CLOCK_SECOND_NS

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10 };

static struct flow_key
forth(void)
{
	struct flow_key key = expirer_key(40000 | 443U << 16);

	memset(key.src_addr, 1, sizeof(key.src_addr));
	memset(key.dst_addr, 2, sizeof(key.dst_addr));
	return key;
}

/* The other direction, as the same interface sees it. */
static struct flow_key
back(void)
{
	struct flow_key key = expirer_key(443 | 40000U << 16);

	memset(key.src_addr, 2, sizeof(key.src_addr));
	memset(key.dst_addr, 1, sizeof(key.dst_addr));
	key.direction = FLOW_EGRESS;
	return key;
}

/* A scan after each second until there are N records; the second. */
static guint
scan_for(struct expirer *f, guint n)
{
	for (guint s = 0; s < 100; s++) {
		expirer_set_time(f, (1000 + s) * SECOND + SECOND / 1000);
		expirer_scan(f, EXPIRE_DUE);
		if (f->records->len >= n)
			return s;
	}
	return 100;
}

static void
test_fin_both_ways(void)
{
	struct expirer *f = expirer_new(1024);
	struct flow_key a = forth(), b = back();

	expirer_packet_of(f, &a, 100, SYN | ACK | FIN);
	expirer_packet_of(f, &b, 50, SYN | ACK | FIN);
	g_assert_cmpuint(scan_for(f, 2), ==, 2);
	g_assert_cmpuint(f->records->len, ==, 2);
	for (guint i = 0; i < 2; i++)
		g_assert_cmpuint(expirer_record(f, i)->end_reason, ==, END_TCP);
	g_assert_cmpuint(f->stats.flows_ended_tcp, ==, 2);
	g_assert_cmpuint(f->stats.flows_active, ==, 0);
	expirer_free(f);
}

/* Whether it goes on by that key: half closed is not ended. */
static void
half_closed(const struct flow_key *other, guint after_s)
{
	struct expirer *f = expirer_new(1024);
	struct record *found = NULL;
	struct flow_key a = forth();

	expirer_packet_of(f, &a, 100, ACK | FIN);
	expirer_packet_of(f, other, 50, ACK);
	g_assert_cmpuint(scan_for(f, after_s < 15 ? 1 : 2), ==, after_s);
	for (guint i = 0; i < f->records->len; i++)
		if (expirer_record(f, i)->value.octets == 100)
			found = expirer_record(f, i);
	g_assert_nonnull(found);
	g_assert_cmpuint(found->end_reason, ==, END_TCP);
	expirer_free(f);
}

static void
test_half_closed(void)
{
	struct flow_key other = back();

	half_closed(&other, 15);
	other.direction = FLOW_INGRESS; /* as in captures */
	half_closed(&other, 15);
	/* not the same connection: its other direction is not seen */
	other.src_port++;
	half_closed(&other, 2);
	other = back();
	other.if_index++;
	half_closed(&other, 2);
	other = back();
	other.protocol = IPPROTO_UDP;
	half_closed(&other, 2);
}

/* Who answers need not know of the TOS. */
static void
test_half_closed_tos(void)
{
	struct expirer *f = expirer_new(1024);
	struct flow_key a = forth(), b = back();

	a.tos = 0xb8;
	expirer_packet_of(f, &a, 100, ACK | FIN);
	expirer_packet_of(f, &b, 50, ACK);
	g_assert_cmpuint(scan_for(f, 1), ==, 15);
	expirer_free(f);

	f = expirer_new(1024);
	b.tos = 0xb8;
	expirer_packet_of(f, &a, 100, ACK | FIN);
	expirer_packet_of(f, &b, 50, ACK);
	g_assert_cmpuint(scan_for(f, 1), ==, 15);
	expirer_free(f);
}

/* The other direction closes later: then it ends. */
static void
test_fin_later(void)
{
	struct expirer *f = expirer_new(1024);
	struct flow_key a = forth(), b = back();

	expirer_packet_of(f, &a, 100, ACK | FIN);
	expirer_packet_of(f, &b, 50, ACK);
	for (guint s = 0; s < 8; s++) {
		expirer_set_time(f, (1000 + s) * SECOND + SECOND / 1000);
		expirer_scan(f, EXPIRE_DUE);
	}
	g_assert_cmpuint(f->records->len, ==, 0);
	expirer_packet_of(f, &b, 50, ACK | FIN);
	expirer_packet_of(f, &a, 40, ACK);
	g_assert_cmpuint(scan_for(f, 2), <=, 12);
	g_assert_cmpuint(f->stats.flows_ended_tcp, ==, 2);
	expirer_free(f);
}

/* RST ends both, whatever the other direction does; the linger is counted from
 * the last packet. */
static void
test_rst(void)
{
	struct expirer *f = expirer_new(1024);
	struct flow_key a = forth(), b = back();

	expirer_packet_of(f, &a, 100, ACK | RST);
	expirer_packet_of(f, &b, 50, ACK);
	expirer_set_time(f, 1001 * SECOND + SECOND / 2);
	expirer_packet_of(f, &a, 100, ACK);
	g_assert_cmpuint(scan_for(f, 1), ==, 4);
	g_assert_cmpuint(expirer_record(f, 0)->value.octets, ==, 200);
	g_assert_cmpuint(expirer_record(f, 0)->end_reason, ==, END_TCP);
	g_assert_cmpuint(expirer_record(f, 0)->end_ns / SECOND, ==,
			 EXPIRER_WALL_NS / SECOND + 1001);
	g_assert_cmpuint(scan_for(f, 2), ==, 15);
	g_assert_cmpuint(expirer_record(f, 1)->end_reason, ==, END_IDLE);
	expirer_free(f);
}

/* Other protocols have no flags, whatever stands there. */
static void
test_udp(void)
{
	struct expirer *f = expirer_new(1024);
	struct flow_key key = forth();

	key.protocol = IPPROTO_UDP;
	expirer_packet_of(f, &key, 100, RST);
	g_assert_cmpuint(scan_for(f, 1), ==, 15);
	g_assert_cmpuint(expirer_record(f, 0)->end_reason, ==, END_IDLE);
	expirer_free(f);
}

/* The same addresses and ports again, within the linger and a moment: each
 * connection is a record. */
static void
test_next_connection(void)
{
	struct expirer *f = expirer_new(1024);
	struct flow_key a = forth();

	for (uint32_t i = 0; i < 3; i++) {
		expirer_packet_of(f, &a, 100, SYN);
		expirer_packet_of(f, &a, 10, SYN); /* sent again */
		expirer_packet_of(f, &a, i, ACK);
		expirer_packet_of(f, &a, 10, ACK | (i ? FIN : RST));
		expirer_packet_of(f, &a, 10, ACK);
	}
	g_assert_cmpuint(f->stats.kernel.flows_created, ==, 3);
	expirer_scan(f, EXPIRE_REPORT);
	g_assert_cmpuint(f->records->len, ==, 3);
	for (guint i = 0; i < 3; i++)
		g_assert_cmpuint(expirer_record(f, i)->value.packets, ==, 5);
	expirer_packet_of(f, &a, 1, ACK);
	/* Two have ended, the third still lingers. */
	g_assert_cmpuint(scan_for(f, 4), ==, 2);
	g_assert_cmpuint(expirer_record(f, 3)->value.octets, ==, 1);
	g_assert_cmpuint(f->stats.flows_ended_tcp, ==, 3);
	g_assert_cmpuint(f->stats.packets_recorded, ==, 16);
	g_assert_cmpuint(f->stats.octets_recorded, ==, 3 * 130 + 0 + 1 + 2 + 1);
	expirer_free(f);
}

/* Who does not want to know of flags has one flow of all connections. */
static void
test_off(void)
{
	struct expirer *f = expirer_new(1024);
	struct flow_key a = forth();

	f->table->tunables.tcp_end = false;
	for (int i = 0; i < 3; i++)
		expirer_packet_of(f, &a, 100, SYN | FIN);
	g_assert_cmpuint(f->stats.kernel.flows_created, ==, 1);
	expirer_free(f);
}

static void
add(void)
{
	g_test_add_func("/expire-tcp/fin-both-ways", test_fin_both_ways);
	g_test_add_func("/expire-tcp/half-closed", test_half_closed);
	g_test_add_func("/expire-tcp/half-closed-tos", test_half_closed_tos);
	g_test_add_func("/expire-tcp/fin-later", test_fin_later);
	g_test_add_func("/expire-tcp/rst", test_rst);
	g_test_add_func("/expire-tcp/udp", test_udp);
	g_test_add_func("/expire-tcp/next-connection", test_next_connection);
	g_test_add_func("/expire-tcp/off", test_off);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add);
}
