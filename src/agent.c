/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "collector.h"
#include "transport_inet.h"

enum { ANY_PORT = 4739 }; /* connect() takes no 0 */

struct agent {
	const struct iftable *iftable;
	struct meter *meter;
	char *agent_ip;
	char *host,
		*source; /* of the first collector over a network; or NULL */
	bool comes;	 /* it comes to us, to host */
	GArray *towards; /* its addresses; NULL: not known */
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

static const uint8_t none[16];

static bool
has_address(const struct meter *meter)
{
	return memcmp(meter->ipv4, none, sizeof(meter->ipv4)) ||
	       memcmp(meter->ipv6, none, sizeof(meter->ipv6));
}

static void
take_first(struct iface *iface, void *to)
{
	if (iface->up && !has_address(to))
		set_address(to, iface->ipv4, iface->ipv6);
}

static bool
comes(const struct collector *collector)
{
	return collector && strcmp(collector->transport, "zmq") == 0 &&
	       collector->zmq_bind;
}

/* To HOST, an address of ours; where that is any, one of the first interface
 * that has any. */
static void
take_where_it_comes(struct meter *meter, const struct iftable *iftable,
		    const char *host)
{
	take_literally(meter, host);
	if (!has_address(meter))
		iftable_each(iftable, take_first, meter);
}

static bool
is_auto(const struct agent *agent)
{
	return strcmp(agent->agent_ip, "auto") == 0;
}

void
agent_refresh(struct agent *agent)
{
	struct meter *meter = agent->meter;

	if (agent->agent_ip[0] == '%')
		take_from_interface(meter, agent->iftable, agent->agent_ip + 1);
	else if (!is_auto(agent))
		take_literally(meter, agent->agent_ip);
	else if (agent->comes)
		take_where_it_comes(meter, agent->iftable, agent->host);
	else if (agent->source && *agent->source)
		take_literally(meter, agent->source);
	else if (!agent->lookup)
		take_from_route(meter, agent->towards);
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
	if (agent->comes)
		return;
	agent->towards = inet_numeric(agent->host, ANY_PORT);
	if (!agent->towards)
		agent->lookup =
			inet_lookup_new(agent->host, ANY_PORT, on_found, agent);
}

static gboolean
on_timer(void *to)
{
	struct agent *agent = to;

	if (agent->host && !agent->towards && !agent->lookup)
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

static void
forget(struct agent *agent)
{
	g_clear_pointer(&agent->lookup, inet_lookup_free);
	g_clear_pointer(&agent->towards, g_array_unref);
	g_clear_pointer(&agent->agent_ip, g_free);
	g_clear_pointer(&agent->host, g_free);
	g_clear_pointer(&agent->source, g_free);
}

static bool
is_so(const struct agent *agent, const char *agent_ip,
      const struct collector *collector)
{
	return g_strcmp0(agent->agent_ip, agent_ip) == 0 &&
	       agent->comes == comes(collector) &&
	       g_strcmp0(agent->host, collector ? collector->host : NULL) ==
		       0 &&
	       g_strcmp0(agent->source, collector ? collector->source : NULL) ==
		       0;
}

void
agent_set(struct agent *agent, const struct agent_args *args)
{
	const struct collector *collector = NULL;

	if (strcmp(args->agent_ip, "auto") == 0)
		collector = find_collector(args->collectors);
	agent->iftable = args->iftable;
	agent->meter = args->meter;
	if (is_so(agent, args->agent_ip, collector))
		return;
	forget(agent);
	agent->agent_ip = g_strdup(args->agent_ip);
	agent->comes = comes(collector);
	if (collector) {
		agent->host = g_strdup(collector->host);
		agent->source = g_strdup(collector->source);
		look_up(agent);
	}
	agent_refresh(agent);
}

struct agent *
agent_new(const struct agent_args *args)
{
	struct agent *agent = g_new0(struct agent, 1);

	agent_set(agent, args);
	agent->timer = g_timeout_add_seconds(AGENT_REFRESH_S, on_timer, agent);
	return agent;
}

void
agent_free(struct agent *agent)
{
	if (!agent)
		return;
	g_clear_handle_id(&agent->timer, g_source_remove);
	forget(agent);
	g_free(agent);
}
