/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport_inet.h"

#include <errno.h>
#include <gio/gio.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

struct inet_lookup {
	GCancellable *cancel;
	char *host;
	uint16_t port;
	void (*done)(void *to, GArray *addresses, const GError *error);
	void *to;
};

static GArray *
get_addresses(const char *host, uint16_t port, int flags, GError **error)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_DGRAM, /* any: one of each address */
		.ai_flags = AI_NUMERICSERV | flags,
	};
	g_autofree char *service = g_strdup_printf("%u", port);
	struct addrinfo *list;
	GArray *addresses;
	int code = getaddrinfo(host, service, &hints, &list);

	if (code != 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND,
			    "cannot resolve %s: %s", host,
			    code == EAI_SYSTEM ? g_strerror(errno)
					       : gai_strerror(code));
		return NULL;
	}
	addresses = g_array_new(FALSE, TRUE, sizeof(struct inet_address));
	for (const struct addrinfo *ai = list; ai; ai = ai->ai_next) {
		struct inet_address address = { .len = ai->ai_addrlen };

		memcpy(&address.storage, ai->ai_addr, ai->ai_addrlen);
		g_array_append_val(addresses, address);
	}
	freeaddrinfo(list);
	return addresses;
}

GArray *
inet_numeric(const char *host, uint16_t port)
{
	return get_addresses(host, port, AI_NUMERICHOST, NULL);
}

GArray *
inet_resolve(const char *host, uint16_t port, GError **error)
{
	return get_addresses(host, port, 0, error);
}

static void
lookup_free(gpointer data)
{
	struct inet_lookup *lookup = data;

	g_object_unref(lookup->cancel);
	g_free(lookup->host);
	g_free(lookup);
}

/* In a thread. */
static void
look_up(GTask *task, gpointer source, gpointer data, GCancellable *cancel)
{
	const struct inet_lookup *lookup = data;
	GError *error = NULL;
	GArray *addresses = inet_resolve(lookup->host, lookup->port, &error);

	(void)source;
	(void)cancel;
	if (addresses)
		g_task_return_pointer(task, addresses,
				      (GDestroyNotify)g_array_unref);
	else
		g_task_return_error(task, error);
}

/* Who is cancelled is told as well. */
static void
on_resolved(GObject *source, GAsyncResult *result, gpointer to)
{
	const struct inet_lookup *lookup = to;
	g_autoptr(GError) error = NULL;
	GArray *addresses = g_task_propagate_pointer(G_TASK(result), &error);

	(void)source;
	if (!g_cancellable_is_cancelled(lookup->cancel))
		lookup->done(lookup->to, addresses, error);
}

struct inet_lookup *
inet_lookup_new(const char *host, uint16_t port,
		void (*done)(void *to, GArray *addresses, const GError *error),
		void *to)
{
	struct inet_lookup *lookup = g_new0(struct inet_lookup, 1);
	g_autoptr(GTask) task = NULL;

	lookup->cancel = g_cancellable_new();
	lookup->host = g_strdup(host);
	lookup->port = port;
	lookup->done = done;
	lookup->to = to;
	task = g_task_new(NULL, lookup->cancel, on_resolved, lookup);
	g_task_set_task_data(task, lookup, lookup_free);
	g_task_run_in_thread(task, look_up);
	return lookup;
}

void
inet_lookup_free(struct inet_lookup *lookup)
{
	if (lookup)
		g_cancellable_cancel(lookup->cancel);
}

static void
set_errno(GError **error, const char *what, const char *address)
{
	int code = errno;

	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "%s%s: %s",
		    what, address, g_strerror(code));
}

static bool
bind_local(int fd, int family, const struct inet_local *local, GError **error)
{
	const char *any = family == AF_INET6 ? "::" : "0.0.0.0";
	const char *source = *local->address ? local->address : any;
	g_autoptr(GArray) addresses = NULL;
	const struct inet_address *address;

	if (source == any && local->port == 0)
		return true;
	addresses = get_addresses(source, local->port, AI_NUMERICHOST, error);
	if (!addresses) {
		errno = EADDRNOTAVAIL;
		return false;
	}
	address = &g_array_index(addresses, struct inet_address, 0);
	errno = EAFNOSUPPORT;
	if (address->sa.sa_family == family &&
	    bind(fd, &address->sa, address->len) == 0)
		return true;
	set_errno(error, "cannot send from ", source);
	return false;
}

int
inet_open(const struct inet_address *address, int type, int protocol,
	  const struct inet_local *local, GError **error)
{
	int family = address->sa.sa_family;
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd < 0) {
		set_errno(error, "cannot open a socket", "");
		return -1;
	}
	if (bind_local(fd, family, local, error))
		return fd;
	close(fd);
	return -1;
}

char *
inet_text(const struct inet_address *address)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	getnameinfo(&address->sa, address->len, host, sizeof(host), port,
		    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	return g_strdup_printf(address->sa.sa_family == AF_INET6 ? "[%s]:%s"
								 : "%s:%s",
			       host, port);
}

/* Both are zero where no address is. */
bool
inet_equal(const struct inet_address *one, const struct inet_address *other)
{
	return one->len == other->len &&
	       memcmp(&one->storage, &other->storage, one->len) == 0;
}
