/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "collector.h"
#include "transport_inet.h"

enum { ANY_PORT = 4739 }; /* connect() takes no 0 */

struct agent {
	struct agent_args args;
	const struct collector *collector; /* the first over a network */
	GArray *towards;		   /* its addresses; NULL: not known */
	struct inet_lookup *lookup;
	guint timer;
};

/* Zeros where neither family has it. */
static void
set_address(struct meter *meter, const void *ipv4, const void *ipv6)
{
	memset(meter->ipv4, 0, sizeof(meter->ipv4));
	memset(meter->ipv6, 0, sizeof(meter->ipv6));
	if (ipv4)
		memcpy(meter->ipv4, ipv4, sizeof(meter->ipv4));
	if (ipv6)
		memcpy(meter->ipv6, ipv6, sizeof(meter->ipv6));
}

struct search {
	const char *name;
	const struct iface *found;
};

static void
match(struct iface *iface, void *to)
{
	struct search *search = to;

	if (strcmp(iface->name, search->name) == 0)
		search->found = iface;
}

static void
take_from_interface(struct meter *meter, const struct iftable *iftable,
		    const char *name)
{
	struct search search = { .name = name };

	iftable_each(iftable, match, &search);
	if (search.found)
		set_address(meter, search.found->ipv4, search.found->ipv6);
	else
		set_address(meter, NULL, NULL);
}

/* What the kernel would send from; connecting sends nothing. */
static bool
find_source(const struct inet_address *towards, struct inet_address *source)
{
	int fd = socket(towards->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool found;

	if (fd < 0)
		return false;
	source->len = sizeof(source->storage);
	found = connect(fd, &towards->sa, towards->len) == 0 &&
		getsockname(fd, &source->sa, &source->len) == 0;
	close(fd);
	return found;
}

static void
take_from_route(struct meter *meter, const GArray *towards)
{
	struct inet_address source;
	const void *at = &source.storage;

	set_address(meter, NULL, NULL);
	for (guint i = 0; towards && i < towards->len; i++) {
		if (!find_source(
			    &g_array_index(towards, struct inet_address, i),
			    &source))
			continue;
		if (source.sa.sa_family == AF_INET6)
			set_address(
				meter, NULL,
				&((const struct sockaddr_in6 *)at)->sin6_addr);
		else
			set_address(meter,
				    &((const struct sockaddr_in *)at)->sin_addr,
				    NULL);
		return;
	}
}

static void
take_literally(struct meter *meter, const char *text)
{
	uint8_t address[16];

	set_address(meter, NULL, NULL);
	if (inet_pton(AF_INET, text, address) == 1)
		set_address(meter, address, NULL);
	else if (inet_pton(AF_INET6, text, address) == 1)
		set_address(meter, NULL, address);
}

static bool
is_auto(const struct agent *agent)
{
	return strcmp(agent->args.agent_ip, "auto") == 0;
}

void
agent_refresh(struct agent *agent)
{
	const struct agent_args *args = &agent->args;

	if (args->agent_ip[0] == '%')
		take_from_interface(args->meter, args->iftable,
				    args->agent_ip + 1);
	else if (!is_auto(agent))
		take_literally(args->meter, args->agent_ip);
	else if (agent->collector && *agent->collector->source)
		take_literally(args->meter, agent->collector->source);
	else
		take_from_route(args->meter, agent->towards);
}

static void
on_found(void *to, GArray *addresses, const GError *error)
{
	struct agent *agent = to;

	(void)error; /* the exporter says so */
	agent->lookup = NULL;
	agent->towards = addresses;
	agent_refresh(agent);
}

static void
look_up(struct agent *agent)
{
	const char *host = agent->collector->host;

	agent->towards = inet_numeric(host, ANY_PORT);
	if (!agent->towards)
		agent->lookup =
			inet_lookup_new(host, ANY_PORT, on_found, agent);
}

static gboolean
on_timer(void *to)
{
	struct agent *agent = to;

	if (agent->collector && !agent->towards && !agent->lookup)
		look_up(agent);
	agent_refresh(agent);
	return G_SOURCE_CONTINUE;
}

static const struct collector *
find_collector(const GPtrArray *collectors)
{
	for (guint i = 0; i < collectors->len; i++) {
		const struct collector *collector = collectors->pdata[i];

		if (strcmp(collector->transport, "file") != 0)
			return collector;
	}
	return NULL;
}

struct agent *
agent_new(const struct agent_args *args)
{
	struct agent *agent = g_new0(struct agent, 1);

	agent->args = *args;
	if (is_auto(agent))
		agent->collector = find_collector(args->collectors);
	if (agent->collector)
		look_up(agent);
	agent_refresh(agent);
	agent->timer = g_timeout_add_seconds(AGENT_REFRESH_S, on_timer, agent);
	return agent;
}

void
agent_free(struct agent *agent)
{
	if (!agent)
		return;
	g_clear_handle_id(&agent->timer, g_source_remove);
	inet_lookup_free(agent->lookup);
	if (agent->towards)
		g_array_unref(agent->towards);
	g_free(agent);
}
