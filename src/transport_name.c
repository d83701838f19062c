/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_name.h"

#include <string.h>

#include "means.h"

#define NAME_EVERY_US (5 * G_USEC_PER_SEC)

struct name {
	const struct transport_args *args;
	uint16_t port;
	void (*found)(void *to, const GArray *addresses);
	void *to;
	bool fixed; /* an address, or looked up for good */
	bool told;  /* the log, that it does not resolve */
	GArray *addresses;
	struct inet_lookup *lookup; /* NULL: none is under way */
	int64_t began_us;	    /* the last one */
};

static void
tell_failed(struct name *name, const GError *error)
{
	if (!name->told)
		transport_warn(name->args, 0, "%s, trying again",
			       error->message);
	name->told = true;
}

static void
on_done(void *to, GArray *addresses, const GError *error)
{
	struct name *name = to;

	name->lookup = NULL;
	if (!addresses) {
		tell_failed(name, error);
	} else {
		name->told = false;
		g_clear_pointer(&name->addresses, g_array_unref);
		name->addresses = addresses;
	}
	name->found(name->to, addresses);
}

bool
name_look_up(struct name *name)
{
	int64_t now_us = g_get_monotonic_time();
	g_autoptr(GError) error = NULL;

	if (name->lookup || name->fixed ||
	    (name->began_us && now_us - name->began_us < NAME_EVERY_US))
		return name->lookup;
	name->began_us = now_us;
	/* It would wait for one until somebody else asks, too. */
	if (!means_threads(1, &error)) {
		tell_failed(name, error);
		return false;
	}
	name->lookup = inet_lookup_new(name->args->collector->host, name->port,
				       on_done, name);
	return true;
}

const GArray *
name_addresses(const struct name *name)
{
	return name->addresses;
}

struct name *
name_new(const struct transport_args *args,
	 void (*found)(void *to, const GArray *addresses), void *to,
	 GError **error)
{
	struct name *name = g_new0(struct name, 1);
	const char *host = args->collector->host;

	name->args = args;
	name->port = args->port;
	name->found = found;
	name->to = to;
	name->addresses = inet_numeric(host, args->port);
	if (!name->addresses && args->patient)
		name->addresses = inet_resolve(host, args->port, error);
	/* The interface of a scope may be another one next time. */
	name->fixed = name->addresses && (args->patient || !strchr(host, '%'));
	if (name->addresses || !args->patient)
		return name;
	name_free(name);
	return NULL;
}

void
name_free(struct name *name)
{
	if (!name)
		return;
	inet_lookup_free(name->lookup);
	g_clear_pointer(&name->addresses, g_array_unref);
	g_free(name);
}
