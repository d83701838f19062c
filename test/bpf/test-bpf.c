/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"

#include <string.h>

enum {
	MAX_FLOWS = 64,
	CLOCK_US = 500000, /* many ticks */
};

/* Packets that a test run cannot make, and why. */
static const struct {
	const char *name, *why;
} not_for_test_run[] = {
	{ "runt", "it wants 14 octets" },
	{ "ether-alone", "it wants an IP header" },
	{ "v4-header-cut", "it wants an IP header" },
	{ "v6-header-cut", "it wants an IP header" },
	{ "vlan-metadata", "its tags are data" },
	{ "vlan-metadata-and-data", "its tags are data" },
	{ "vlan-metadata-and-qinq", "its tags are data" },
	{ "v4-snap-ports", "its packets are whole" },
	{ "gso-v4-tcp", "its packets fit a page" },
	{ "v6-jumbogram", "its packets fit a page" },
	{ "big-tcp-v4", "its packets fit a page" },
	{ "big-tcp-v6", "its packets fit a page" },
};

static GPtrArray *packets;
static struct probe *shared; /* loading takes a while */

static bool
is_for_test_run(const struct packet_case *c)
{
	for (size_t i = 0; i < G_N_ELEMENTS(not_for_test_run); i++)
		if (strcmp(not_for_test_run[i].name, c->name) == 0)
			return false;
	return true;
}

static void
check_counters(const struct packet_case *c, const struct flow_counters *count)
{
	uint32_t n = c->value.packets;
	bool flow = c->result != PARSE_MALFORMED;

	g_assert_cmpuint(count->packets_seen, ==, n);
	g_assert_cmpuint(count->octets_seen, ==, flow ? c->value.octets : 0);
	g_assert_cmpuint(count->packets_ignored, ==, 0);
	g_assert_cmpuint(count->packets_malformed, ==, flow ? 0 : n);
	g_assert_cmpuint(count->packets_unaccounted, ==, 0);
	g_assert_cmpuint(count->octets_unaccounted, ==, 0);
	g_assert_cmpuint(count->flows_created, ==, flow);
}

/* The kernel's flow is as the file says, and to the bit what parse.h says
 * here. */
static void
check_flow(const struct packet_case *c, const uint8_t *data,
	   enum flow_direction direction, uint64_t before_ns)
{
	struct flow_value value, native_value;
	struct flow_key key, native_key;

	kernel_read_only(probe_table(shared), &key, &value);
	packets_check(c, &key, &value);
	g_assert_cmpuint(value.origin.first_ns, >=, before_ns);
	g_assert_cmpuint(value.origin.first_ns, <=, clock_boot_ns());

	packets_parse(data, c->packet.len, &c->packet, &native_key,
		      &native_value);
	native_key.if_index = KERNEL_IF_INDEX;
	native_key.direction = direction;
	native_value.last = value.last;
	native_value.origin.first_ns = value.origin.first_ns;
	if (direction == FLOW_EGRESS)
		native_value.origin.from_if_index = KERNEL_FROM_IF_INDEX;
	g_assert_cmpmem(&key, sizeof(key), &native_key, sizeof(key));
	g_assert_cmpmem(&value, sizeof(value), &native_value, sizeof(value));
}

static void
run_and_check(const struct packet_case *c, enum flow_direction direction)
{
	g_autofree uint8_t *data = packets_whole(c);
	uint64_t before_ns = clock_boot_ns();
	struct flow_counters count;

	kernel_clear(probe_table(shared));
	probe_counters(shared, &count);
	kernel_run(shared, direction, data, &c->packet, 1);
	count = kernel_counted(shared, &count);
	check_counters(c, &count);
	if (count.flows_created)
		check_flow(c, data, direction, before_ns);
	else
		g_assert_cmpuint(kernel_n_live(probe_table(shared)), ==, 0);
}

static void
test_packet(const void *data)
{
	run_and_check(data, FLOW_INGRESS);
	run_and_check(data, FLOW_EGRESS);
}

/* Says what is left out; a name that is no packet's fails. */
static void
test_not_for_test_run(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(not_for_test_run); i++) {
		packets_find(packets, not_for_test_run[i].name);
		g_test_message("%s: not in a test run: %s",
			       not_for_test_run[i].name,
			       not_for_test_run[i].why);
	}
}

/* Runs a packet; when that was is *BEFORE_NS and *AFTER_NS. */
static void
run_timed(struct probe *probe, uint64_t *before_ns, uint64_t *after_ns)
{
	const struct packet_case *c = packets_find(packets, "v4-udp");

	*before_ns = clock_boot_ns();
	kernel_run(probe, FLOW_INGRESS, c->data, &c->packet, 1);
	*after_ns = clock_boot_ns();
}

/* The table's clock is boot time, in ticks as long as they are said to be; and
 * of a flow's packets the latest counts. */
static void
check_clock(struct probe *probe, uint64_t tick_ns)
{
	const uint64_t slack_ns = 3 * tick_ns;
	struct instant begin = probe_now(probe), now;
	uint64_t before_ns, after_ns, last_ns;
	struct flow_value value;
	struct flow_key key;

	run_timed(probe, &before_ns, &after_ns);
	g_usleep(CLOCK_US);
	run_timed(probe, &before_ns, &after_ns);
	now = probe_now(probe);
	g_assert_cmpuint(now.tick_ns, ==, tick_ns);
	g_assert_cmpuint(clock_boot_ns() - now.boot_ns, <, CLOCK_SECOND_NS);
	g_assert_cmpuint(clock_wall_ns() - now.wall_ns, <, CLOCK_SECOND_NS);
	g_assert_cmpfloat_with_epsilon((double)(now.tick - begin.tick) *
					       tick_ns /
					       (now.boot_ns - begin.boot_ns),
				       1, 0.1);

	kernel_read_only(probe_table(probe), &key, &value);
	last_ns = clock_of_tick(&now, value.last);
	g_assert_cmpuint(last_ns + slack_ns, >=, before_ns);
	g_assert_cmpuint(last_ns, <=, after_ns + slack_ns);
}

static void
test_clock_jiffies(void)
{
	struct probe *probe = kernel_new(MAX_FLOWS, false);

	check_clock(probe, clock_jiffy_ns());
	probe_free(probe);
}

static void
test_clock_precise(void)
{
	struct probe *probe = kernel_new(MAX_FLOWS, true);

	check_clock(probe, 1 << FLOW_PRECISE_SHIFT);
	probe_free(probe);
}

static void
add(void)
{
	shared = kernel_new(MAX_FLOWS, false);
	packets = packets_load();
	for (guint i = 0; i < packets->len; i++) {
		struct packet_case *c = packets->pdata[i];
		g_autofree char *path =
			g_strdup_printf("/bpf/packet/%s", c->name);

		if (is_for_test_run(c))
			g_test_add_data_func(path, c, test_packet);
	}
	g_test_add_func("/bpf/not-for-test-run", test_not_for_test_run);
	g_test_add_func("/bpf/clock/jiffies", test_clock_jiffies);
	g_test_add_func("/bpf/clock/precise", test_clock_precise);
}

int
main(int argc, char **argv)
{
	int failed = kernel_main(argc, argv, add);

	g_clear_pointer(&packets, g_ptr_array_unref);
	probe_free(shared);
	return failed;
}
