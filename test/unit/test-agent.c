/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which address stands for the exporter.
 */
#include <arpa/inet.h>
#include <string.h>

#include "../tap.h"
#include "agent.h"
#include "collector.h"

static void
add_iface(struct iftable *table, uint32_t index, const char *name,
	  const char *ipv4, const char *ipv6)
{
	struct iface *iface = iftable_add(table, index, 0);

	g_strlcpy(iface->name, name, sizeof(iface->name));
	iface->up = true;
	if (ipv4)
		g_assert_cmpint(inet_pton(AF_INET, ipv4, iface->ipv4), ==, 1);
	if (ipv6)
		g_assert_cmpint(inet_pton(AF_INET6, ipv6, iface->ipv6), ==, 1);
}

static struct iftable *
make_table(void)
{
	struct iftable *table = iftable_new();

	add_iface(table, 1, "lo", NULL, NULL);
	add_iface(table, 2, "eth0", "192.0.2.1", "2001:db8::1");
	add_iface(table, 3, "eth1", "192.0.2.2", NULL);
	add_iface(table, 4, "eth10", NULL, "2001:db8::2");
	return table;
}

static void
expect(const struct meter *meter, const char *ipv4, const char *ipv6)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET, meter->ipv4, text, sizeof(text));
	g_assert_cmpstr(text, ==, ipv4);
	inet_ntop(AF_INET6, meter->ipv6, text, sizeof(text));
	g_assert_cmpstr(text, ==, ipv6);
}

struct wanted {
	const char *agent_ip, *host, *source, *transport;
	const char *ipv4, *ipv6;
	bool zmq_bind;
};

static void
check(const struct wanted *wanted)
{
	struct collector file = {
		.host = (char *)"/tmp/x",
		.transport = (char *)"file",
		.source = (char *)"",
	};
	struct collector collector = {
		.host = (char *)wanted->host,
		.transport = (char *)(wanted->transport ?: "udp"),
		.source = (char *)(wanted->source ?: ""),
		.zmq_bind = wanted->zmq_bind,
	};
	g_autoptr(GPtrArray) collectors = g_ptr_array_new();
	struct iftable *table = make_table();
	struct meter meter = { .domain = 7, .ipv4 = { 9 }, .ipv6 = { 9 } };
	struct agent_args args = { wanted->agent_ip, collectors, table,
				   &meter };
	struct agent *agent;

	g_ptr_array_add(collectors, &file);
	if (wanted->host)
		g_ptr_array_add(collectors, &collector);
	agent = agent_new(&args);
	expect(&meter, wanted->ipv4, wanted->ipv6);
	g_assert_cmpuint(meter.domain, ==, 7);
	agent_free(agent);
	iftable_free(table);
}

/* The original's AgentIP cases, as far as they are ours. */
static void
test_agent_ip(void)
{
	static const struct wanted cases[] = {
		/* an address */
		{ "192.0.2.77", .ipv4 = "192.0.2.77", .ipv6 = "::" },
		{ "2001:db8::77", .ipv4 = "0.0.0.0", .ipv6 = "2001:db8::77" },
		{ "192.0.2.77", "127.0.0.1", .ipv4 = "192.0.2.77",
		  .ipv6 = "::" },
		/* an interface's */
		{ "%eth0", .ipv4 = "192.0.2.1", .ipv6 = "2001:db8::1" },
		{ "%eth1", .ipv4 = "192.0.2.2", .ipv6 = "::" },
		{ "%eth10", .ipv4 = "0.0.0.0", .ipv6 = "2001:db8::2" },
		{ "%lo", .ipv4 = "0.0.0.0", .ipv6 = "::" },
		{ "%eth", .ipv4 = "0.0.0.0", .ipv6 = "::" },
		{ "%wan", "127.0.0.1", .ipv4 = "0.0.0.0", .ipv6 = "::" },
		/* the one that we send from; files are no collectors */
		{ "auto", "127.0.0.1", .ipv4 = "127.0.0.1", .ipv6 = "::" },
		{ "auto", "127.7.7.7", .ipv4 = "127.0.0.1", .ipv6 = "::" },
		{ "auto", "::1", .ipv4 = "0.0.0.0", .ipv6 = "::1" },
		{ "auto", "127.0.0.1", "127.0.0.9", .ipv4 = "127.0.0.9",
		  .ipv6 = "::" },
		{ "auto", "127.0.0.1", .transport = "tcp", .ipv4 = "127.0.0.1",
		  .ipv6 = "::" },
		{ "auto", .ipv4 = "0.0.0.0", .ipv6 = "::" },
		/* the one that is come to */
		{ "auto", "192.0.2.2", .transport = "zmq", .ipv4 = "192.0.2.2",
		  .ipv6 = "::", .zmq_bind = true },
		{ "auto", "*", .transport = "zmq", .ipv4 = "192.0.2.1",
		  .ipv6 = "2001:db8::1", .zmq_bind = true },
		{ "auto", "0.0.0.0", .transport = "zmq", .ipv4 = "192.0.2.1",
		  .ipv6 = "2001:db8::1", .zmq_bind = true },
		{ "auto", "127.0.0.1", .transport = "zmq", .ipv4 = "127.0.0.1",
		  .ipv6 = "::" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s, %s", cases[i].agent_ip, cases[i].host);
		check(&cases[i]);
	}
}

/* A name is looked up beside the loop. */
static void
test_name(void)
{
	struct collector collector = {
		.host = (char *)"localhost",
		.transport = (char *)"udp",
		.source = (char *)"",
	};
	g_autoptr(GPtrArray) collectors = g_ptr_array_new();
	static const uint8_t zeros[16];
	struct meter meter = { 0 };
	struct agent_args args = { "auto", collectors, NULL, &meter };
	struct agent *agent;

	g_ptr_array_add(collectors, &collector);
	agent = agent_new(&args);
	expect(&meter, "0.0.0.0", "::");
	while (memcmp(meter.ipv4, zeros, 4) == 0 &&
	       memcmp(meter.ipv6, zeros, 16) == 0)
		g_main_context_iteration(NULL, TRUE);
	if (meter.ipv4[0])
		expect(&meter, "127.0.0.1", "::");
	else
		expect(&meter, "0.0.0.0", "::1");
	agent_free(agent);

	/* nor does one that nobody waits for any longer do harm */
	agent_free(agent_new(&args));
	while (g_main_context_iteration(NULL, FALSE))
		;
}

/* Another first collector, another address, another meter. */
static void
test_set(void)
{
	struct collector one = { .host = (char *)"127.0.0.1",
				 .transport = (char *)"udp",
				 .source = (char *)"" };
	struct collector two = { .host = (char *)"::1",
				 .transport = (char *)"udp",
				 .source = (char *)"" };
	struct collector name = { .host = (char *)"localhost",
				  .transport = (char *)"udp",
				  .source = (char *)"" };
	g_autoptr(GPtrArray) collectors = g_ptr_array_new();
	struct meter meter = { 0 }, other = { 0 };
	struct agent_args args = { "auto", collectors, NULL, &meter };
	struct agent *agent;

	g_ptr_array_add(collectors, &one);
	agent = agent_new(&args);
	expect(&meter, "127.0.0.1", "::");
	collectors->pdata[0] = &two;
	agent_set(agent, &args);
	expect(&meter, "0.0.0.0", "::1");
	collectors->pdata[0] = &name; /* until it is looked up */
	agent_set(agent, &args);
	expect(&meter, "0.0.0.0", "::1");
	agent_refresh(agent);
	expect(&meter, "0.0.0.0", "::1");
	args.agent_ip = "192.0.2.77";
	args.meter = &other;
	agent_set(agent, &args);
	expect(&other, "192.0.2.77", "::");
	expect(&meter, "0.0.0.0", "::1");
	agent_free(agent);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

static void
test_follows(void)
{
	struct iftable *table = make_table();
	g_autoptr(GPtrArray) collectors = g_ptr_array_new();
	struct meter meter = { 0 };
	struct agent_args args = { "%eth1", collectors, table, &meter };
	struct agent *agent = agent_new(&args);

	iftable_find(table, 3)->ipv4[3] = 99;
	agent_refresh(agent);
	expect(&meter, "192.0.2.99", "::");
	iftable_remove(table, iftable_find(table, 3));
	agent_refresh(agent);
	expect(&meter, "0.0.0.0", "::");
	agent_free(agent);
	iftable_free(table);
}

static void
add_tests(void)
{
	g_test_add_func("/agent/agent-ip", test_agent_ip);
	g_test_add_func("/agent/name", test_name);
	g_test_add_func("/agent/set", test_set);
	g_test_add_func("/agent/follows", test_follows);
}

int
main(int argc, char **argv)
{
	return tap_main(argc, argv, add_tests);
}
