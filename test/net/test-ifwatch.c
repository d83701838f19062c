/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-ifwatch.c - the table of interfaces against the kernel's, in a network
 * namespace of our own, whatever ip(8) does there.
 */
#include <arpa/inet.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../tap.h"
#include "ifwatch.h"

enum {
	TINY = 1, /* the kernel's least, two messages or so */
	MANY = 100,
	TRIES = 5000, /* of a millisecond */
};

struct fixture {
	struct iftable *table;
	struct ifwatch *watch;
	GString *told;
};

static void G_GNUC_PRINTF(1, 2) run(const char *format, ...)
{
	g_autofree char *command = NULL;
	g_autoptr(GError) error = NULL;
	int status = 0;
	va_list args;

	va_start(args, format);
	command = g_strdup_vprintf(format, args);
	va_end(args);
	g_spawn_command_line_sync(command, NULL, NULL, &status, &error);
	g_assert_no_error(error);
	g_assert_cmpint(status, ==, 0);
}

#define ip(...) run("ip " __VA_ARGS__)

static void
on_told(void *to, enum ifwatch_event event, const struct iface *iface)
{
	static const char *const events[] = {
		[IFWATCH_SEEN] = "seen",
		[IFWATCH_GONE] = "gone",
		[IFWATCH_BARED] = "bared",
		[IFWATCH_LOST] = "lost",
	};
	struct fixture *f = to;

	g_assert_true((event == IFWATCH_LOST) == !iface);
	g_assert_true((event == IFWATCH_GONE) == (iface && iface->gone));
	g_string_append_printf(f->told, " %s %s;", events[event],
			       iface ? iface->name : "");
}

static void
set_up(struct fixture *f, const void *buffer)
{
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(unshare(CLONE_NEWNET), ==, 0);
	ip("link add old type veth peer name peer");
	ip("address add 192.0.2.1/24 dev old");
	f->table = iftable_new();
	f->told = g_string_new(NULL);
	f->watch = ifwatch_new(f->table, GPOINTER_TO_INT(buffer), &error);
	g_assert_no_error(error);
	ifwatch_follow(f->watch, on_told, f);
}

static void
tear_down(struct fixture *f, const void *buffer)
{
	(void)buffer;
	ifwatch_free(f->watch);
	iftable_free(f->table);
	g_string_free(f->told, TRUE);
}

/* What is told while all that waits is read. */
static const char *
hear(struct fixture *f)
{
	g_string_truncate(f->told, 0);
	while (g_main_context_iteration(NULL, FALSE))
		;
	return f->told->str;
}

static bool
tells(struct fixture *f, const char *what)
{
	return strstr(hear(f), what);
}

static struct iface *
row(struct fixture *f, const char *name)
{
	return iftable_find(f->table, if_nametoindex(name));
}

static void
count(struct iface *iface, void *to)
{
	(void)iface;
	++*(int *)to;
}

/* The table has what there is, and nothing else. */
static void
check_table(struct fixture *f)
{
	struct if_nameindex *all = if_nameindex();
	int n = 0, n_rows = 0;

	for (; all[n].if_index; n++) {
		const struct iface *iface =
			iftable_find(f->table, all[n].if_index);

		g_assert_nonnull(iface);
		g_assert_false(iface->gone);
		g_assert_cmpstr(iface->name, ==, all[n].if_name);
	}
	if_freenameindex(all);
	iftable_each(f->table, count, &n_rows);
	g_assert_cmpint(n_rows, ==, n);
}

static void
check_ipv4(const struct iface *iface, const char *expected)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, iface->ipv4, text, sizeof(text));
	g_assert_cmpstr(text, ==, expected);
}

static void
test_start(struct fixture *f, const void *buffer)
{
	const struct iface *old = row(f, "old");

	(void)buffer;
	check_table(f);
	g_assert_cmpuint(old->type, ==, ARPHRD_ETHER);
	g_assert_cmpuint(old->kind, ==, IFACE_VETH);
	g_assert_cmpuint(old->link, ==, if_nametoindex("peer"));
	g_assert_cmpuint(old->mtu, ==, 1500);
	g_assert_false(old->up);
	check_ipv4(old, "192.0.2.1");
	g_assert_cmpstr(hear(f), ==, "");
}

static void
test_links(struct fixture *f, const void *buffer)
{
	const struct iface *old = row(f, "old");
	uint32_t index;

	(void)buffer;
	ip("link add new type veth peer name other");
	g_assert_true(tells(f, " seen new;"));
	check_table(f);
	index = if_nametoindex("new");
	ip("link set new name newer");
	g_assert_true(tells(f, " seen newer;"));
	g_assert_cmpstr(iftable_find(f->table, index)->name, ==, "newer");
	ip("link set old up");
	ip("link set peer up");
	ip("link set old alias 'rack 7'"); /* told of those only that are up */
	for (int tries = 0; !old->up && tries < TRIES; tries++) {
		hear(f);
		g_usleep(1000); /* carriers are told of by a work queue */
	}
	g_assert_true(old->up);
	g_assert_cmpstr(old->alias, ==, "rack 7");
	g_assert_true(row(f, "old") == old);
	ip("link del newer");
	g_assert_true(tells(f, " gone newer;"));
	g_assert_true(iftable_find(f->table, index)->gone);
	check_table(f);
}

/* A port that leaves its bridge is still there. */
static void
test_ports(struct fixture *f, const void *buffer)
{
	(void)buffer;
	ip("link add bridge type bridge");
	ip("link set old master bridge");
	hear(f);
	g_assert_cmpuint(row(f, "old")->master, ==, if_nametoindex("bridge"));
	g_assert_cmpuint(row(f, "bridge")->kind, ==, IFACE_BRIDGE);
	ip("link set old nomaster");
	g_assert_false(tells(f, "gone"));
	g_assert_cmpuint(row(f, "old")->master, ==, 0);
	check_table(f);
}

/* Of clsact only, in which our filters stand. */
static void
test_filters(struct fixture *f, const void *buffer)
{
	(void)buffer;
	run("tc qdisc add dev old clsact");
	run("tc qdisc add dev old root pfifo");
	run("tc filter add dev old egress bpf bytecode '1,6 0 0 0'");
	run("tc qdisc del dev old root");
	g_assert_cmpstr(hear(f), ==, "");
	run("tc filter del dev old egress");
	g_assert_cmpstr(hear(f), ==, " bared old;");
	run("tc qdisc del dev old clsact");
	g_assert_cmpstr(hear(f), ==, " bared old;");
}

static void
test_addresses(struct fixture *f, const void *buffer)
{
	static const uint8_t none[16];
	const struct iface *old = row(f, "old");

	(void)buffer;
	ip("address add 198.51.100.1/24 dev old");
	ip("address add 2001:db8::1/64 dev old nodad");
	hear(f);
	check_ipv4(old, "192.0.2.1");
	g_assert_cmpmem(old->ipv6, 4, "\x20\x01\x0d\xb8", 4);
	ip("link set old mtu 1400");
	hear(f);
	check_ipv4(old, "192.0.2.1");
	ip("address del 192.0.2.1/24 dev old");
	ip("address del 2001:db8::1/64 dev old");
	hear(f);
	check_ipv4(old, "198.51.100.1");
	g_assert_cmpmem(old->ipv6, 16, none, 16);
	ip("address del 198.51.100.1/24 dev old");
	hear(f);
	check_ipv4(old, "0.0.0.0");
}

/* More than the buffer holds: nothing is missed all the same. */
static void
test_lost(struct fixture *f, const void *buffer)
{
	(void)buffer;
	ip("link set old name early"); /* this message still waits then */
	for (int i = 0; i < MANY; i++)
		ip("link add v%d type veth peer name p%d", i, i);
	ip("link set early name late");
	ip("address add 198.51.100.1/24 dev late");
	g_assert_true(tells(f, " lost ;"));
	check_table(f);
	check_ipv4(row(f, "late"), "192.0.2.1");
	for (int i = 0; i < MANY; i += 2)
		ip("link del v%d", i);
	ip("address del 192.0.2.1/24 dev late");
	ip("link set late name later");
	g_assert_true(tells(f, " lost ;"));
	check_table(f);
	check_ipv4(row(f, "later"), "198.51.100.1");
}

/* We were told neither of its end nor of its successor's beginning. */
static void
test_lost_reuse(struct fixture *f, const void *buffer)
{
	uint32_t index = if_nametoindex("old");
	const struct iface *old = row(f, "old");
	const struct iface *next;

	(void)buffer;
	for (int i = 0; i < MANY; i++)
		ip("link set peer mtu %d", 1400 + i);
	ip("link del old");
	ip("link add next index %u type veth peer name peer", index);
	hear(f);
	g_assert_nonnull(strstr(f->told->str, " gone old; seen next;"));
	g_assert_nonnull(strstr(f->told->str, " lost ;"));
	next = iftable_find(f->table, index);
	g_assert_true(next != old);
	g_assert_true(old->gone);
	g_assert_true(iftable_find_at(f->table, index, old->born_ns) == old);
	check_ipv4(next, "0.0.0.0");
	check_table(f);
}

/* Nothing that happens between the dump and the loop is missed. */
static void
test_between(struct fixture *f, const void *buffer)
{
	g_autoptr(GError) error = NULL;

	(void)buffer;
	ifwatch_free(f->watch);
	f->watch = ifwatch_new(f->table, IFWATCH_BUFFER, &error);
	g_assert_no_error(error);
	ip("link add new type veth peer name other");
	ifwatch_follow(f->watch, on_told, f);
	g_assert_true(tells(f, " seen new;"));
	check_table(f);
}

static void
add_test(const char *path, int buffer,
	 void (*test)(struct fixture *f, const void *buffer))
{
	g_test_add(path, struct fixture, GINT_TO_POINTER(buffer), set_up, test,
		   tear_down);
}

static void
add(void)
{
	add_test("/ifwatch/start", IFWATCH_BUFFER, test_start);
	add_test("/ifwatch/links", IFWATCH_BUFFER, test_links);
	add_test("/ifwatch/ports", IFWATCH_BUFFER, test_ports);
	add_test("/ifwatch/filters", IFWATCH_BUFFER, test_filters);
	add_test("/ifwatch/addresses", IFWATCH_BUFFER, test_addresses);
	add_test("/ifwatch/between", IFWATCH_BUFFER, test_between);
	add_test("/ifwatch/lost", TINY, test_lost);
	add_test("/ifwatch/lost/reuse", TINY, test_lost_reuse);
}

int
main(int argc, char **argv)
{
	if (geteuid() != 0) {
		puts("1..0 # SKIP needs root");
		return 0;
	}
	return tap_main(argc, argv, add);
}
